import t from 'tap'
import { Oracle } from '../../prove/oracle.ts'
import { makeReport, printReport } from '../../prove/report.ts'
import type { Injected, Outcome } from '../../prove/run.ts'

const OPTIONS = { seed: 5, minutes: 1, faults: ['kill-api'], rate: 100, appendfsync: 'always', json: undefined, isKept: false } as const

function outcome (oracle: Oracle, injected: Injected[]): Outcome {
  return {
    oracle, injected, leftOut: new Map([['fill-disk', 'no root']]), strange: 0, crashes: { api: 0 }, isDrained: true, drainedInMs: 100,
    load: { sent: 1, repeated: 0, unanswered: 0, leftOut: 0, byStatus: { 202: 1 }, contradictions: [] },
    status: { pending: 0, deadLetters: 0, spooled: undefined, imbalance: { door: 0, queue: 0 } }
  }
}

const kill = (number: number, recoveredInMs: number | undefined): Injected => ({ number, fault: 'kill-api', atMs: number * 1_000, lastsMs: 100, recoveredInMs })

function world (): Oracle {
  const oracle = new Oracle()
  oracle.post(2, 0, 0)
  oracle.post(2, 1, 1_000)
  oracle.post(1, 2, 2_000)
  for (let sequence = 0; sequence < 5; sequence++) oracle.acknowledge(sequence, 'queued', 3_000)
  for (let sequence = 0; sequence < 4; sequence++) oracle.handle(sequence, 1, true)
  oracle.handle(2, 1, true)
  return oracle
}

t.test('sums up the injections of a fault', async (t) => {
  const oracle = world()
  oracle.handle(4, 2, true)
  const report = makeReport(OPTIONS, outcome(oracle, [kill(1, 300), kill(2, 500), kill(3, 900)]))
  t.ok(report.isProven)
  t.strictSame(report.faults, [
    { fault: 'kill-api', times: 3, posted: 3, acknowledged: 3, handled: 3, lost: 0, duplicated: 1, unrecovered: 0, recoveryMedianMs: 500, recoveryMaxMs: 900 },
    { fault: '(none)', times: 0, posted: 2, acknowledged: 2, handled: 2, lost: 0, duplicated: 0, unrecovered: 0, recoveryMedianMs: undefined, recoveryMaxMs: undefined }
  ])
  t.equal(report.duplicateBound, 3 * 20 * 128)
  const text = printReport(report)
  t.match(text, /PASSED: none of 5 acknowledged/)
  t.match(text, 'fill-disk was left out: no root')
  t.match(text, 'seed 5')
})

t.test('a loss fails it, and is named with the fault', async (t) => {
  const report = makeReport(OPTIONS, outcome(world(), [kill(1, 300), kill(2, 500)]))
  t.notOk(report.isProven)
  t.match(printReport(report), /LOST: event 4, queued, posted at 2\.00 s, acknowledged at 3\.00 s, during #2 kill-api\n/)
  const later = makeReport(OPTIONS, outcome(world(), [kill(1, 300), kill(2, 500), { ...kill(3, 500), fault: 'kill-redis' }]))
  t.match(printReport(later), /during #2 kill-api, before #3 kill-redis at 3\.00 s/)
  t.match(printReport(report), /FAILED: 1 acknowledged events lost, 0 faults not recovered from; again with --seed 5/)
})

t.test('a fault that was not recovered from fails it', async (t) => {
  const oracle = world()
  oracle.handle(4, 2, true)
  const report = makeReport(OPTIONS, outcome(oracle, [kill(1, 300), kill(2, undefined)]))
  t.notOk(report.isProven)
  t.match(printReport(report), '1 never')
})
