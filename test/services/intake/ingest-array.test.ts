import { setImmediate as nextTurn } from 'node:timers/promises'
import t from 'tap'
import { ingestArray } from '../../../services/intake/ingest-array.ts'
import { confirming, HandSink, intake, newShare } from './hand-sink.ts'
import { ANONYMOUS } from '../../../services/producer/producer.ts'

const CONTEXT = { producer: ANONYMOUS, durability: 'queued' as const, receivedAt: '2026-07-01T10:00:00.000Z' }

/** Elements as they are when they have been parsed, of 100 bytes each. */
const taken = (inputs: readonly unknown[]) => inputs.map((input) => ({ intake: intake(input), bytes: 100 }))

t.test('an array is reported on event by event, in its order', async (t) => {
  const sink = new HandSink({ refuses: (payload) => payload === 2 })
  t.strictSame(await confirming(sink, ingestArray(taken([1, 'x', 2, 3]), sink, CONTEXT, newShare())), {
    accepted: 2,
    duplicate: 0,
    sampled: 0,
    wouldExpire: 0,
    durability: { queued: 2, synced: 0, spooled: 0 },
    shed: 1,
    quota: 0,
    forbidden: 0,
    invalid: 1,
    isTruncated: false,
    areErrorsTruncated: false,
    retryAfterSeconds: 4,
    results: [
      { index: 0, status: 'accepted', id: 'e1', durability: 'queued' },
      { index: 1, status: 'invalid', reason: 'invalid-event', errors: [{ field: '', message: 'Expected a number' }] },
      { index: 2, status: 'shed', id: 'e2', priority: 5, reason: 'circuit-open', retryAfterSeconds: 4 },
      { index: 3, status: 'accepted', id: 'e3', durability: 'queued' }
    ]
  })
  t.strictSame(sink.offered, [1, 2, 3].map((payload) => ({ payload, bytes: 100 })), 'each counts for its own bytes')
})

t.test('an array is answered only when all of it is confirmed', async (t) => {
  const sink = new HandSink()
  let isAnswered = false
  const report = ingestArray(taken([1, 2]), sink, CONTEXT, newShare()).then((report) => {
    isAnswered = true
    return report
  })
  for (const events of [2, 1]) {
    await nextTurn()
    t.equal(isAnswered, false, `${events} outstanding`)
    sink.settle()
  }
  t.equal((await report).accepted, 2)
})

t.test('all events of a batch that fails are shed, and only they', async (t) => {
  const sink = new HandSink({ batchSize: 2 })
  const work = ingestArray(taken([1, 2, 3, 4]), sink, CONTEXT, newShare())
  sink.settle(new Error('connection lost'))
  sink.settle()
  const { accepted, shed, retryAfterSeconds, results } = await work
  t.strictSame({ accepted, shed, retryAfterSeconds }, { accepted: 2, shed: 2, retryAfterSeconds: 1 })
  t.strictSame(results.map(({ status, reason }) => [status, reason]), [
    ['shed', 'queue-unavailable'],
    ['shed', 'queue-unavailable'],
    ['accepted', undefined],
    ['accepted', undefined]
  ])
})

t.test('results keep the order of the body when confirmations do not', async (t) => {
  const sink = new HandSink()
  const work = ingestArray(taken([1, 2, 3]), sink, CONTEXT, newShare())
  for (let settled = 0; settled < 3; settled++) {
    sink.settleNewest()
    await nextTurn()
  }
  t.strictSame((await work).results.map(({ id }) => id), ['e1', 'e2', 'e3'])
})

