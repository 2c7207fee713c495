import t from 'tap'
import { runSubject } from '../../../simulate/run-subject.ts'
import { Autoscaler } from '../../../simulate/world/autoscaler.ts'
import { KnownWork } from '../../../simulate/world/known-work.ts'
import { registries, run, tinyWorld } from '../tiny-world.ts'

t.test('workers that are added in time serve an overload, and late ones serve less of it', async (t) => {
  const goodput = async (mostWorkers: number, scaleOutLagMs: number) =>
    run(await tinyWorld({
      load: 2, mostWorkers, scaleOutLagMs, source: { pattern: 'constant', eventsPerSecond: 50, seconds: 300 }
    }), 'static').figures.goodput
  const alone = await goodput(1, 0)
  const late = await goodput(4, 120_000)
  const early = await goodput(4, 5_000)
  t.ok(alone < late && late < early, `${alone} < ${late} < ${early}`)
  t.ok(early > 0.85, String(early))
})

/** Four waves in four hours, which keep a worker and a half to 14 of them busy, 8 in the mean. */
const WAVES = {
  source: { pattern: 'wave', eventsPerSecond: 16, seconds: 14_400 },
  load: 8,
  slots: 5,
  mostWorkers: 100,
  scaleOutLagMs: 30_000,
  sampleIntervalMs: 500,
  mix: [0.05, 0.55, 0.4],
  budgetsMs: [2_000, 30_000, 300_000]
} as const

t.test('it follows waves without a reversal within one, keeps the budgets, and needs at most 15 % more than who knows all', async (t) => {
  const world = await tinyWorld(WAVES, 100_000)
  const module = registries.subjects.get('static')!
  const scaled = (scaler: Autoscaler | KnownWork) =>
    runSubject({ world, module, parameters: { scale: 1 }, seed: 1, scaler }).figures
  const known = scaled(new KnownWork(world, 1))
  const followed = scaled(new Autoscaler(world))
  t.ok(followed.waitMs.normal.p99 <= 30_000, `p99 wait of normal ${followed.waitMs.normal.p99} ms`)
  t.ok(followed.waitMs.low.p99 <= 300_000, `of low ${followed.waitMs.low.p99} ms`)
  const cost = followed.workerSeconds / known.workerSeconds
  t.ok(cost > 1 && cost <= 1.15, `${cost} times the worker-seconds`)
  t.equal(followed.scaleReversals, 7, 'four times up and four times down')
  t.equal(followed.counts.queued, 0)
})

t.test('who knows all work has hardly any worker idle, and lets no class wait for long', async (t) => {
  const world = await tinyWorld({ ...WAVES, source: { ...WAVES.source, seconds: 3_600 } }, 100_000)
  const bound = new KnownWork(world, 1)
  const figures = runSubject({
    world, module: registries.subjects.get('static')!, parameters: { scale: 1 }, seed: 1, scaler: bound
  }).figures
  const workSeconds = figures.counts.events * world.meanServiceMs / 1_000 / world.slots
  t.ok(Math.abs(bound.workerSeconds / workSeconds - 1) < 0.05, `${bound.workerSeconds} for ${workSeconds} s of work`)
  t.ok(figures.waitMs.normal.p99 < 30_000)
})
