import fc from 'fast-check'
import t from 'tap'
import { HINTS } from '../../simulate/world/hint.ts'
import { SERVICE_TIMES } from '../../simulate/world/population.ts'
import type { WorldOptions } from '../../simulate/options.ts'
import { registries, run, tinyWorld } from './tiny-world.ts'

const RUNS = 15

const worlds: fc.Arbitrary<Partial<WorldOptions>> = fc.record({
  source: fc.record({
    pattern: fc.constantFrom(...registries.patterns.keys()),
    eventsPerSecond: fc.integer({ min: 1, max: 60 }),
    seconds: fc.integer({ min: 5, max: 90 })
  }),
  load: fc.double({ min: 0.1, max: 4, noNaN: true }),
  slots: fc.integer({ min: 1, max: 8 }),
  mostWorkers: fc.constantFrom(1, 3),
  capacityChange: fc.constantFrom(0.2, 1, 5),
  stalls: fc.constantFrom([], [{ atMs: 2_000, forMs: 10_000 }]),
  oscillationMs: fc.constantFrom(0, 500),
  timeOuts: fc.constantFrom([], [{ atMs: 1_000, forMs: 20_000 }]),
  outages: fc.constantFrom([], [{ atMs: 3_000, forMs: 5_000 }]),
  producers: fc.constantFrom(0, 7),
  hint: fc.constantFrom(...HINTS),
  serviceTimes: fc.constantFrom(...SERVICE_TIMES),
  clients: fc.subarray([...registries.clients.keys()], { minLength: 1 }),
  failures: fc.constantFrom(0, 0.2),
  deadlines: fc.constantFrom(
    [], [{ share: 1, afterMs: 2_000 }], [{ share: 0.5, afterMs: 500 }, { share: 0.3, afterMs: 8_000 }]
  )
})

for (const name of registries.subjects.keys()) {
  t.test(`${name}: nothing appears or disappears, and the same seed gives the same figures`, async (t) => {
    await fc.assert(
      fc.asyncProperty(worlds, fc.integer({ min: 1, max: 1_000 }), async (options, seed) => {
        const world = await tinyWorld(options)
        const { figures } = run(world, name, seed)
        const {
          events, offered, admitted, shed, sampledOut, wouldExpire, lost, pending, done, dead, expired, late, queued
        } = figures.counts
        t.equal(offered, admitted + shed + sampledOut + wouldExpire, 'offers')
        t.equal(events, admitted + lost + sampledOut + wouldExpire + pending, 'events')
        t.equal(admitted, done + dead + expired + queued, 'admitted events')
        t.equal(late, 0, 'events after their deadlines')
        const shares = [
          figures.goodput,
          figures.worth,
          figures.criticalLost,
          figures.jain,
          figures.belowShareLost,
          ...Object.values(figures.minutesWithinBudget),
          ...Object.values(figures.shedShare)
        ]
        t.strictSame(shares.filter((share) => !(share >= 0 && share <= 1)), [], 'shares')
        t.strictSame(run(world, name, seed).figures, figures)
      }),
      { numRuns: RUNS }
    )
  })
}

t.test('critical events are lost by the random control alone', async (t) => {
  const world = await tinyWorld({ load: 2, clients: ['none'] })
  const losers = [...registries.subjects.keys()].filter((name) => run(world, name).figures.criticalLost > 0)
  t.strictSame(losers, ['random'])
})

t.test('nobody is better than foresight, and chance is worse than production', async (t) => {
  // Critical events alone fit: production admits them all, so that nobody could choose among them.
  for (const [load, capacityChange] of [[0.8, 1], [0.8, 5], [1.5, 1], [1.5, 5], [3, 1]] as const) {
    const world = await tinyWorld({
      load,
      capacityChange,
      source: { pattern: 'square', eventsPerSecond: 50, seconds: 300 }
    })
    const worth = Object
      .fromEntries([...registries.subjects.keys()].map((name) => [name, run(world, name).figures.worth]))
    const best = worth.foresight! * 1.01
    t.strictSame(
      Object.entries(worth).filter(([, value]) => value > best),
      [],
      `load ${load}, change ${capacityChange}`
    )
    t.ok(worth.random! < worth.static!)
  }
})

t.test('every event is the same in every run', async (t) => {
  const [calm, overloaded] = [await tinyWorld({ load: 0.2 }), await tinyWorld({ load: 3, clients: ['immediate'] })]
  const arrivals = [calm, overloaded].map((world) => run(world, 'static').figures.counts.events)
  t.equal(arrivals[0], arrivals[1])
  const again = run(calm, 'gradient2').figures.counts.events
  t.equal(again, arrivals[0])
})

t.test('more capacity never serves foresight worse', async (t) => {
  let before = 0
  for (const load of [4, 2, 1.2, 1, 0.7]) {
    const { goodput } = run(await tinyWorld({ load }), 'foresight').figures
    t.ok(goodput >= before - 0.01, `load ${load}`)
    before = goodput
  }
  t.ok(before > 0.99)
})
