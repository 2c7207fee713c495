import t from 'tap'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { ReportBuilder } from '../../../services/ingest/ingest-report.ts'
import { ResultAllowance } from '../../../services/ingest/result-allowance.ts'

const event = (id: string): QueuedEvent => ({ id, type: 'x', payload: null, priority: 4, receivedAt: '2026-03-01T10:00:00.000Z' })
const ACCEPTED = { status: 'accepted', durability: 'synced' } as const
const shed = (retryAfterSeconds: number) => ({ status: 'shed' as const, refusal: { admitted: false as const, reason: 'circuit-open', retryAfterSeconds } })
const errors = [{ field: 'type', message: 'Expected string' }]

t.test('counts everything and lists it in the order of the body', async (t) => {
  const report = new ReportBuilder('all', new ResultAllowance({ mostResults: 10 }))
  report.refuseInvalid({ index: 3 }, 'invalid-event', errors)
  report.publish({ index: 2 }, event('c'), ACCEPTED)
  report.publish({ index: 0 }, event('a'), shed(7))
  report.publish({ index: 1 }, event('b'), ACCEPTED)
  report.publish({ index: 4 }, event('d'), { status: 'duplicate', id: 'first' })
  t.strictSame(report.build(), {
    accepted: 2, duplicate: 1, durability: { queued: 0, synced: 2, spooled: 0 }, shed: 1, invalid: 1, isTruncated: false,
    areErrorsTruncated: false, retryAfterSeconds: 7,
    results: [
      { index: 0, status: 'shed', id: 'a', priority: 4, reason: 'circuit-open', retryAfterSeconds: 7 },
      { index: 1, status: 'accepted', id: 'b', durability: 'synced' },
      { index: 2, status: 'accepted', id: 'c', durability: 'synced' },
      { index: 3, status: 'invalid', reason: 'invalid-event', errors },
      { index: 4, status: 'duplicate', id: 'first' }
    ]
  })
})

t.test('of a stream lists what was refused, with its line', async (t) => {
  const report = new ReportBuilder('refused', new ResultAllowance({ mostResults: 10 }))
  report.publish({ index: 0, line: 1 }, event('a'), ACCEPTED)
  report.publish({ index: 1, line: 3 }, event('b'), shed(2))
  t.strictSame(report.build().results, [{ index: 1, line: 3, status: 'shed', id: 'b', priority: 4, reason: 'circuit-open', retryAfterSeconds: 2 }])
  report.publish({ index: 2, line: 4 }, event('c'), { status: 'duplicate', id: 'first' })
  t.match(report.build(), { accepted: 1, duplicate: 1, results: { length: 1 } })
})

t.test('a duplicate whose first is in the spool says so', async (t) => {
  const report = new ReportBuilder('all', new ResultAllowance({ mostResults: 10 }))
  report.publish({ index: 0 }, event('a'), { status: 'duplicate', id: 'first', durability: 'spooled' })
  t.strictSame(report.build().results, [{ index: 0, status: 'duplicate', id: 'first', durability: 'spooled' }])
  t.equal(report.build().durability.spooled, 0, 'it is counted with the first')
})

t.test('asks for the longest wait of all refusals', async (t) => {
  const report = new ReportBuilder('all', new ResultAllowance({ mostResults: 10 }))
  t.equal(report.build().retryAfterSeconds, 0)
  for (const [index, seconds] of [3, 9, 5].entries()) report.publish({ index }, event('a'), shed(seconds))
  t.equal(report.build().retryAfterSeconds, 9)
})

t.test('lists so many and says that there was more', async (t) => {
  const report = new ReportBuilder('refused', new ResultAllowance({ mostResults: 2 }))
  for (const index of [0, 1]) report.refuseInvalid({ index, line: index + 1 }, 'invalid-json', errors)
  t.equal(report.build().isTruncated, false)
  report.refuseInvalid({ index: 2, line: 3 }, 'invalid-json', errors)
  report.publish({ index: 3, line: 4 }, event('d'), shed(1))
  t.match(report.build(), { invalid: 3, shed: 1, isTruncated: true })
  t.strictSame(report.build().results.map(({ line }) => line), [1, 2])
})

t.test('knows after which line it was stopped', async (t) => {
  const report = new ReportBuilder('refused', new ResultAllowance({ mostResults: 2 }))
  t.equal(report.isStopped, false)
  report.stopAfter(0, 'stopping')
  t.equal(report.isStopped, true)
  t.equal(report.build().stoppedAfterLine, 0)
})
