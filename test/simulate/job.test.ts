import t from 'tap'
import { runJob, type Job } from '../../simulate/job.ts'
import { partOfWorld } from '../../simulate/world/world.ts'
import { registries, tinyWorld } from './tiny-world.ts'

const job = (changes: Partial<Job>): Job => ({ subject: 'static', seed: 1, parameters: {}, from: 0, to: 1, ...changes })

t.test('the random control sheds as much as production, and from critical events too', async (t) => {
  const world = await tinyWorld({ load: 2, clients: ['none'] })
  const production = runJob(job({}), world, registries)
  const random = runJob(job({ subject: 'random' }), world, registries)
  t.ok(production.counts.shed > 500)
  t.ok(Math.abs(random.counts.shed / production.counts.shed - 1) < 0.1)
  t.ok(random.shedShare.critical > 0.1)
  const strict = runJob(job({ subject: 'random', reference: { scale: 0.1 } }), world, registries)
  t.ok(strict.counts.shed > 1.2 * random.counts.shed, 'the reference may have been tuned')
})

t.test('a part of the arrivals is a run of its own', async (t) => {
  const world = await tinyWorld({ source: { pattern: 'step', eventsPerSecond: 50, seconds: 60 } })
  const [calm, busy] = [[0, 0.5], [0.5, 1]].map(([from, to]) =>
    runJob(job({ from: from!, to: to! }), world, registries)
  )
  t.ok(busy!.counts.events > 2 * calm!.counts.events)
})

t.test('a part meets the change of the capacity in its own second third, and a stall when it comes', async (t) => {
  const world = await tinyWorld({ capacityChange: 5, stalls: [{ atMs: 50_000, forMs: 5_000 }] })
  const { capacity } = partOfWorld(world, 0.5, 1)
  t.strictSame([0, 9_999, 10_000, 19_999, 20_000, 25_000].map((at) => capacity.speedAt(at)), [1, 1, 0.2, 0.2, 0, 1])
})
