import t, { type Test } from 'tap'
import { buildWorld } from '../../../simulate/build-world.ts'
import { runJob, type Job } from '../../../simulate/job.ts'
import { parseOptions } from '../../../simulate/options.ts'
import { recommend } from '../../../simulate/recommendation/recommend.ts'
import { workerNeed } from '../../../simulate/recommendation/workers.ts'
import { namesOf } from '../../../simulate/registries.ts'
import { recommendationText } from '../../../simulate/report/recommendation.ts'
import { record, type RecordedOptions } from '../recording/recorded.ts'
import { registries } from '../tiny-world.ts'

async function recommendFor (t: Test, recorded: RecordedOptions) {
  const options = parseOptions(['--recording', await record(t, recorded), '--tune', '4'], namesOf(registries))
  const world = await buildWorld(options.world, registries)
  const run = async (jobs: readonly Job[]) => jobs.map((job) => runJob(job, world, registries))
  return { world, ...await recommend(options, world, registries, run) }
}

const BURST = [
  { organization: 'acme', perSecond: 30 },
  { organization: 'umbra', priority: 9, perSecond: 60, from: 10, seconds: 50 }
] as const

t.test('proposes higher thresholds for a burst that the present ones shed without need', async (t) => {
  const env = { QUEUE_CRITICAL_THRESHOLD: '60', QUEUE_WARNING_THRESHOLD: '30', QUEUE_RECOVERY_THRESHOLD: '6' }
  const { world, patch, environment, reasons, subjects } = await recommendFor(t, {
    seconds: 60, capacity: 50, env, flows: BURST
  })
  const checked = world.settingsModel.patch({}, patch)
  t.ok(checked.ok, 'PATCH accepts the proposal')
  const { critical } = (patch as { backpressure: { thresholds: { critical: number } } }).backpressure.thresholds
  t.ok(critical > 60, String(critical))
  const [present, proposed] = subjects
  t.ok(proposed!.worth > present!.worth && proposed!.criticalLost === 0)
  t.match(environment, { RULE_ENGINE_WORKER_CONCURRENCY: Number })
  t.match(reasons.join('\n'), /90 in the peak second[^]*capacity: [45]\d events\/s, measured while workers were busy/)
  t.match(reasons.join('\n'), /workers: 2\.00 ran, with 2\d events\/s each; the peak minute needs 4 of them/)
  t.match(recommendationText({ patch, environment, reasons, subjects }), new RegExp(
    `npx spillway settings set .*backpressure\\.thresholds\\.critical=${critical}[^]*RULE_ENGINE_WORKER_CONCURRENCY=`
  ))
})

t.test('proposes nothing if the present settings shed nothing, and raises no budget that is kept', async (t) => {
  const { patch, environment, subjects, reasons } = await recommendFor(t, {
    seconds: 30, capacity: 100, flows: [{ perSecond: 30 }]
  })
  t.strictSame([patch, environment, subjects.map(({ name }) => name)], [{}, {}, ['present']])
  t.match(reasons.join('\n'), /none of \d+ tries gains/)
  t.notMatch(reasons.join('\n'), /modes:/)
  const { reasons: smooth } = await recommendFor(t, {
    seconds: 30, capacity: 100, flows: [{ perSecond: 30 }], env: { SHEDDING: 'smooth' }
  })
  t.match(smooth.join('\n'), /modes: the search has no smooth shedding/)
})

t.test('raises a budget that is too short, and those of lower classes that would be below it', async (t) => {
  const { world, patch } = await recommendFor(t, {
    seconds: 30,
    capacity: 20,
    flows: [{ perSecond: 40 }],
    env: { DELAY_BUDGET_NORMAL_MS: '5', DELAY_BUDGET_LOW_MS: '4' }
  })
  const { budgetsMs } = (patch as { control: { budgetsMs: Record<string, number> } }).control
  t.ok(budgetsMs.normal! > 2_000 && budgetsMs.low === budgetsMs.normal, JSON.stringify(budgetsMs))
  t.notOk('critical' in budgetsMs)
  t.ok(world.settingsModel.patch({}, patch).ok, 'PATCH accepts the proposal')
})

t.test('workers and slots follow from the rate', async (t) => {
  const work = [0, 10].map((second) => ({
    at: second * 1_000, arrived: 0, worked: second * 100, completed: second * 100, waiting: 0, inWork: 10, workers: 2,
    slots: 40, takenSlots: 10, isPaused: false, isHeldUp: false
  }))
  // An event keeps a slot for 10 / 100 s, so 800 events a second keep 80 slots, 40 in each of two processes.
  t.match(workerNeed(work, 400, 800), {
    workers: 2, concurrency: 20, perWorker: 200, needed: 4, neededConcurrency: 40
  })
  t.equal(workerNeed([], 400, 800), undefined)
})
