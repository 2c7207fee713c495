import t from 'tap'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { ReportBuilder } from '../../../services/ingest/ingest-report.ts'

const event = (id: string): QueuedEvent => ({ id, type: 'x', payload: null, priority: 4, receivedAt: '2026-03-01T10:00:00.000Z' })
const refusal = (retryAfterSeconds: number) => ({ admitted: false as const, reason: 'circuit-open', retryAfterSeconds })
const errors = [{ field: 'type', message: 'Expected string' }]

t.test('counts everything and lists it in the order of the body', async (t) => {
  const report = new ReportBuilder('all', 10)
  report.refuseInvalid({ index: 3 }, 'invalid-event', errors)
  report.accept({ index: 2 }, event('c'))
  report.shed({ index: 0 }, event('a'), refusal(7))
  report.accept({ index: 1 }, event('b'))
  t.strictSame(report.build(), {
    accepted: 2, shed: 1, invalid: 1, isTruncated: false, retryAfterSeconds: 7,
    results: [
      { index: 0, status: 'shed', id: 'a', priority: 4, reason: 'circuit-open', retryAfterSeconds: 7 },
      { index: 1, status: 'accepted', id: 'b' },
      { index: 2, status: 'accepted', id: 'c' },
      { index: 3, status: 'invalid', reason: 'invalid-event', errors }
    ]
  })
})

t.test('of a stream lists what was refused, with its line', async (t) => {
  const report = new ReportBuilder('refused', 10)
  report.accept({ index: 0, line: 1 }, event('a'))
  report.shed({ index: 1, line: 3 }, event('b'), refusal(2))
  t.strictSame(report.build().results, [{ index: 1, line: 3, status: 'shed', id: 'b', priority: 4, reason: 'circuit-open', retryAfterSeconds: 2 }])
  t.equal(report.build().accepted, 1)
})

t.test('asks for the longest wait of all refusals', async (t) => {
  const report = new ReportBuilder('all', 10)
  t.equal(report.build().retryAfterSeconds, 0)
  for (const [index, seconds] of [3, 9, 5].entries()) report.shed({ index }, event('a'), refusal(seconds))
  t.equal(report.build().retryAfterSeconds, 9)
})

t.test('lists so many and says that there was more', async (t) => {
  const report = new ReportBuilder('refused', 2)
  for (const index of [0, 1]) report.refuseInvalid({ index, line: index + 1 }, 'invalid-json', errors)
  t.equal(report.build().isTruncated, false)
  report.refuseInvalid({ index: 2, line: 3 }, 'invalid-json', errors)
  report.shed({ index: 3, line: 4 }, event('d'), refusal(1))
  t.match(report.build(), { invalid: 3, shed: 1, isTruncated: true })
  t.strictSame(report.build().results.map(({ line }) => line), [1, 2])
})

t.test('knows after which line it was stopped', async (t) => {
  const report = new ReportBuilder('refused', 2)
  t.equal(report.isStopped, false)
  report.stopAfter(0)
  t.equal(report.isStopped, true)
  t.equal(report.build().stoppedAfterLine, 0)
})
