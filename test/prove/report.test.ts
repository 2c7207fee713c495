import t from 'tap'
import { judgeDuplicates } from '../../prove/checks/duplicates.ts'
import type { Injected } from '../../prove/injector.ts'
import { makeReport, printReport } from '../../prove/report.ts'
import type { Outcome } from '../../prove/run.ts'
import { World } from '../../prove/world.ts'

const OPTIONS = {
  seed: 5, minutes: 1, faults: ['kill-api'], rate: 100, appendfsync: 'always', redis: 'tcp', shards: 1, json: undefined,
  isSabotage: false, isKept: false
} as const
const ORIGIN = { form: 'single', identity: 'none', bias: 'none' } as const
const STATUS = {
  pending: 0, deadLetters: 0, spooled: undefined, circuitState: 'CLOSED', done: 4, expired: 0,
  imbalance: { admission: 0, queue: 0 }
}

function outcome (world: World, injected: Injected[]): Outcome {
  return {
    world,
    injected,
    judgement: {
      duplicates: judgeDuplicates(world.checker.repeats, world.calls.all, world.timeline.all, 4),
      ordered: 1
    },
    leftOut: new Map([['fill-disk', 'no root']]),
    isDrained: true,
    drainedInMs: 100,
    load: { sent: 1, retried: 0, repeated: 0, unanswered: 0, leftOut: 0, byStatus: { 202: 1 } },
    receipts: { asked: 3, byStatus: { done: 3 } },
    replayed: 0, statuses: [STATUS, undefined]
  }
}

const kill = (number: number, recoveredInMs: number | undefined): Injected => ({
  number,
  fault: 'kill-api',
  atMs: number * 1_000,
  lastsMs: 100,
  recoveredInMs
})

function makeWorld (): World {
  const world = new World({
    seed: 5,
    secret: 'whsec_c2VjcmV0',
    thresholds: { recovery: 1, warning: 2, critical: 3, hardLimit: 4 },
    now: () => 3_000,
    wallClock: () => 0,
    clockToleranceMs: 0
  })
  const { checker } = world
  checker.post(2, ORIGIN, 0, 0)
  checker.post(2, ORIGIN, 1, 1_000)
  checker.post(1, ORIGIN, 2, 2_000)
  for (let sequence = 0; sequence < 5; sequence++) checker.acknowledge(sequence, 'queued', 3_000)
  for (let sequence = 0; sequence < 4; sequence++) checker.handle(sequence, world.calls.begin(1, 900), 900)
  return world
}

t.test('sums up the injections of a fault', async (t) => {
  const world = makeWorld()
  const disturbance = world.timeline.begin('kill-api', 'strikes', 1_000)
  disturbance.struckAtMs = 1_000
  world.checker.handle(2, world.calls.begin(1, 3_000), 3_000)
  world.checker.handle(4, world.calls.begin(1, 3_000), 3_000)
  const report = makeReport(OPTIONS, outcome(world, [kill(1, 300), kill(2, 500), kill(3, 900)]))
  t.ok(report.isProven)
  const [row] = report.faults
  t.match(row, {
    fault: 'kill-api', times: 3, posted: 3, acknowledged: 3, handled: 3, lost: 0, repeated: 1, unrecovered: 0,
    recoveryMedianMs: 500, recoveryMaxMs: 900
  })
  t.match(report.faults.at(-1), {
    fault: '(none)', times: 0, posted: 2, acknowledged: 2, handled: 2, lost: 0, repeated: 0
  })
  const text = printReport(report)
  t.match(text, /PASSED with seed 5: none of 5 acknowledged/)
  t.match(text, 'fill-disk was left out: no root')
  t.match(text, 'API 2 did not answer at the end')
})

t.test('a violation fails it, and is named with an example', async (t) => {
  const world = makeWorld()
  world.violations.record('id', 'event 3 was told as another')
  world.violations.record('id', 'event 3 was told as another')
  const report = makeReport(OPTIONS, outcome(world, []))
  t.notOk(report.isProven)
  t.match(printReport(report), /VIOLATED: id, 2 times\n {2}event 3 was told as another\n/)
  t.match(printReport(report), /FAILED with seed 5: id 2; again with --seed 5/)
})

t.test('a loss is named with the fault', async (t) => {
  const report = makeReport(
    OPTIONS,
    outcome(makeWorld(), [kill(1, 300), kill(2, undefined), { ...kill(3, 500), fault: 'kill-redis' }])
  )
  t.match(
    printReport(report),
    /LOST: event 4, queued, posted at 2\.00 s, acknowledged at 3\.00 s, during #2 kill-api, before #3 kill-redis at 3\.00 s/
  )
  t.match(printReport(report), '1 never')
})
