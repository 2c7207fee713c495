import t from 'tap'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { SampledEventLog } from '../../../services/logging/sampled-event-log.ts'
import { traceIdFields } from '../../../services/logging/trace-ids.ts'
import { capturedLog } from '../../captured-log.ts'

const traceOf = (digit: string, flags = '01') => ({ traceparent: `00-${digit.repeat(32)}-${'b'.repeat(16)}-${flags}` })
const EVENT: QueuedEvent = { id: 'e1', type: 'x', payload: 'secret', priority: 3, receivedAt: '', trace: traceOf('a') }

t.test('says of an event of a sampled trace what became of it, and nothing of what is in it', async (t) => {
  const { log, lines } = capturedLog()
  const events = new SampledEventLog(log, () => 0)
  events.published(EVENT, { status: 'accepted', durability: 'synced' })
  events.published(EVENT, { status: 'duplicate', id: 'e0' })
  events.published(EVENT, { status: 'in-flight' })
  events.published(EVENT, {
    status: 'refused',
    refusal: { kind: 'load', reason: 'circuit-open', retryAfterSeconds: 3 }
  })
  events.refusedUnread(EVENT.trace, 9, { kind: 'queue', reason: 'queue-full', retryAfterSeconds: 4 })
  events.handled({ ...EVENT, attempt: 2 }, { status: 'retry', reason: 'test failed', detail: 'test failed: secret' })
  events.handled(EVENT, { status: 'done' })
  const identity = { level: 30, traceId: 'a'.repeat(32), id: 'e1', type: 'x', priority: 3, suppressed: 0 }
  t.match(lines, [
    { ...identity, event: 'event-accepted', status: 'accepted', durability: 'synced' },
    { ...identity, event: 'event-accepted', status: 'duplicate', id: 'e0' },
    { ...identity, event: 'event-refused', reason: 'in-flight' },
    { ...identity, event: 'event-refused', reason: 'circuit-open', retryAfterSeconds: 3 },
    { event: 'event-refused', traceId: 'a'.repeat(32), priority: 9, reason: 'queue-full' },
    { ...identity, event: 'event-handled', attempt: 2, outcome: 'retry', reason: 'test failed' },
    { ...identity, event: 'event-handled', attempt: 1, outcome: 'done' }
  ])
  t.equal(lines.length, 7)
  t.notMatch(JSON.stringify(lines), 'secret')
})

t.test('is silent about events that nobody records', async (t) => {
  const { log, lines } = capturedLog()
  const events = new SampledEventLog(log, () => 0)
  const { trace: _trace, ...rest } = EVENT
  const untraced: QueuedEvent = rest
  for (const event of [untraced, { ...EVENT, trace: traceOf('a', '00') }]) {
    events.published(event, { status: 'accepted', durability: 'queued' })
    events.refusedUnread(event.trace, 5, { kind: 'load', reason: 'circuit-open', retryAfterSeconds: 3 })
    events.handled(event, { status: 'done' })
  }
  t.strictSame(lines, [])
})

t.test('a line about several events names their trace, or the first of their traces', async (t) => {
  const of = (...digits: string[]) => digits.map((digit) => digit === '-' ? {} : { trace: traceOf(digit, '00') })
  t.strictSame(traceIdFields(of()), {})
  t.strictSame(traceIdFields(of('-')), {})
  t.strictSame(traceIdFields(of('-', 'a', 'a')), { traceId: 'a'.repeat(32) })
  t.strictSame(traceIdFields(of('b', 'a', 'b')), { traceIds: ['b'.repeat(32), 'a'.repeat(32)] })
  t.equal(traceIdFields(of(...'123456789abcdef')).traceIds?.length, 10)
})
