import t from 'tap'
import { CONSEQUENCES, REFUSAL_KINDS, type RefusalKind } from '../../../services/admission/refusal.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import type { Publication } from '../../../services/intake/event-bus.ts'
import { onlyRefusal, ReportBuilder } from '../../../services/intake/ingest-report.ts'
import { ResultAllowance } from '../../../services/intake/result-allowance.ts'

const event = (id: string): QueuedEvent => ({
  id,
  type: 'x',
  payload: null,
  priority: 4,
  receivedAt: '2026-03-01T10:00:00.000Z'
})
const ACCEPTED = { status: 'accepted', durability: 'synced' } as const
const refused = (kind: RefusalKind, reason: string, retryAfterSeconds: number | undefined): Publication =>
  ({ status: 'refused', refusal: { kind, reason, retryAfterSeconds } })
const shed = (retryAfterSeconds: number) => refused('load', 'circuit-open', retryAfterSeconds)
const errors = [{ field: 'type', message: 'Expected string' }]

t.test('counts everything and lists it in the order of the body', async (t) => {
  const report = new ReportBuilder('all', new ResultAllowance({ mostResults: 10 }))
  report.refuseInvalid({ index: 3 }, 'invalid-event', errors)
  report.publish({ index: 2 }, event('c'), ACCEPTED)
  report.publish({ index: 0 }, event('a'), shed(7))
  report.publish({ index: 1 }, event('b'), ACCEPTED)
  report.publish({ index: 4 }, event('d'), { status: 'duplicate', id: 'first' })
  report.publish({ index: 5 }, event('e'), { status: 'sampled' })
  t.strictSame(report.build(), {
    accepted: 2,
    duplicate: 1,
    sampled: 1,
    wouldExpire: 0,
    durability: { queued: 0, synced: 2, spooled: 0 },
    shed: 1,
    quota: 0,
    forbidden: 0,
    invalid: 1,
    isTruncated: false,
    areErrorsTruncated: false,
    retryAfterSeconds: 7,
    results: [
      { index: 0, status: 'shed', id: 'a', priority: 4, reason: 'circuit-open', retryAfterSeconds: 7 },
      { index: 1, status: 'accepted', id: 'b', durability: 'synced' },
      { index: 2, status: 'accepted', id: 'c', durability: 'synced' },
      { index: 3, status: 'invalid', reason: 'invalid-event', errors },
      { index: 4, status: 'duplicate', id: 'first' },
      { index: 5, status: 'sampled', id: 'e' }
    ]
  })
})

t.test('every kind of refusal has its status and its count', async (t) => {
  const table: [kind: RefusalKind, retryAfterSeconds: number | undefined, status: string, counts: object][] = [
    ['load', 7, 'shed', { shed: 1, quota: 0, forbidden: 0 }],
    ['queue', 1, 'shed', { shed: 1, quota: 0, forbidden: 0 }],
    ['deadline', undefined, 'would-expire', { shed: 0, wouldExpire: 1, quota: 0 }],
    ['quota', 3_600, 'quota', { shed: 0, quota: 1, forbidden: 0 }],
    ['quota', undefined, 'quota', { shed: 0, quota: 1, forbidden: 0 }],
    ['forbidden', undefined, 'forbidden', { shed: 0, quota: 0, forbidden: 1 }]
  ]
  t.strictSame(new Set(table.map(([kind]) => kind)), new Set(REFUSAL_KINDS))
  for (const [kind, retryAfterSeconds, status, counts] of table) {
    for (const listed of ['all', 'refused'] as const) {
      const report = new ReportBuilder(listed, new ResultAllowance({ mostResults: 10 }))
      report.publish({ index: 0 }, event('a'), refused(kind, 'of-our-own', retryAfterSeconds))
      const claim = `${kind}, ${retryAfterSeconds} s, lists ${listed}`
      t.match(report.build(), { accepted: 0, invalid: 0, ...counts, retryAfterSeconds: retryAfterSeconds ?? 0 }, claim)
      t.strictSame(report.build().results, [{
        index: 0,
        status,
        id: 'a',
        priority: 4,
        reason: 'of-our-own',
        ...(retryAfterSeconds !== undefined && { retryAfterSeconds })
      }], claim)
    }
    const name = status === 'would-expire' ? 'wouldExpire' : status
    t.equal(CONSEQUENCES[kind].outcome, name, 'the ledger counts it under the same name')
  }
})

t.test('a report with refusals of all kinds counts each, and asks for the longest wait', async (t) => {
  const report = new ReportBuilder('refused', new ResultAllowance({ mostResults: 10 }))
  const publications = [
    shed(7),
    refused('quota', 'of-our-own', 60),
    refused('forbidden', 'not-yours', undefined),
    ACCEPTED,
    refused('queue', 'queue-full', 90)
  ]
  for (const [index, publication] of publications.entries()) report.publish({ index }, event('a'), publication)
  t.match(report.build(), { accepted: 1, shed: 2, quota: 1, forbidden: 1, invalid: 0, retryAfterSeconds: 90 })
  t.strictSame(report.build().results.map(({ status }) => status), ['shed', 'quota', 'forbidden', 'shed'])
})

t.test('a report is a refusal as a whole only if one kind of reason refused all events', async (t) => {
  const table: [kind: RefusalKind | undefined, publications: Publication[]][] = [
    ['load', [shed(1), shed(2)]],
    ['queue', [refused('queue', 'queue-full', 1)]],
    ['queue', [shed(1), refused('queue', 'queue-full', 1), shed(1)]],
    ['deadline', [refused('deadline', 'would-expire', undefined)]],
    ['quota', [refused('quota', 'of-our-own', 1)]],
    ['forbidden', [refused('forbidden', 'not-yours', undefined)]],
    [undefined, [shed(1), refused('deadline', 'would-expire', undefined)]],
    [undefined, [shed(1), refused('quota', 'of-our-own', 1)]],
    [undefined, [shed(1), ACCEPTED]],
    [undefined, [shed(1), { status: 'duplicate', id: 'first' }]],
    [undefined, [shed(1), { status: 'conflict', errors }]],
    [undefined, [ACCEPTED]],
    [undefined, []]
  ]
  for (const [kind, publications] of table) {
    const report = new ReportBuilder('refused', new ResultAllowance({ mostResults: 10 }))
    for (const [index, publication] of publications.entries()) report.publish({ index }, event('a'), publication)
    t.equal(onlyRefusal(report.build()), kind, JSON.stringify(publications))
  }
})

t.test('of a stream lists what was refused, with its line', async (t) => {
  const report = new ReportBuilder('refused', new ResultAllowance({ mostResults: 10 }))
  report.publish({ index: 0, line: 1 }, event('a'), ACCEPTED)
  report.publish({ index: 1, line: 3 }, event('b'), shed(2))
  t.strictSame(report.build().results, [{
    index: 1,
    line: 3,
    status: 'shed',
    id: 'b',
    priority: 4,
    reason: 'circuit-open',
    retryAfterSeconds: 2
  }])
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
