import fc from 'fast-check'
import t from 'tap'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { payloadTextOf } from '../../../services/event/event-json.ts'
import { withMember } from '../../../services/event/json-text.ts'
import { decodeBatch, decodeEvents, encodeBatch, type BatchData } from '../../../services/queue/batch-data.ts'
import { answeredId, childBatch, newBatch, type Batch } from '../../../services/queue/batch.ts'
import { isIntact, unsealed } from '../../../services/queue/checksum.ts'
import { merge } from '../../../services/queue/merged-batch.ts'
import { PlaceDigests } from '../../../services/queue/place-digest.ts'
import { assignedValues } from '../../event-values.ts'
import { AWKWARD_PAYLOADS, jsonText, whiteSpace } from '../../json-documents.ts'
import { eventsOf } from './setup.ts'

/** The data without their checksum. */
const encoded = (batch: Batch) => unsealed(batch.id, encodeBatch(batch)) as string
const decoded = (batch: Batch) => decodeEvents(batch.id, JSON.parse(encodeBatch(batch)) as BatchData)

/** An event as it is posted, with the text that it came in, and what Spillway makes of it. */
function posted (
  input: { type: string, payload: unknown, id?: string },
  receivedMs: number,
  priority = 5
): { event: QueuedEvent, text: string } {
  return {
    event: { priority, receivedAt: new Date(receivedMs).toISOString(), ...input, id: input.id ?? '' },
    text: JSON.stringify(input, null, 1)
  }
}

t.test('a batch of whole events is their JSON, their payloads in the text that they were posted in', async (t) => {
  const batch = newBatch(5, eventsOf(2))
  t.strictSame(JSON.parse(encoded(batch)), { events: eventsOf(2) })
  t.strictSame(decoded(batch), eventsOf(2))
  const [event] = eventsOf(1) as [QueuedEvent]
  for (const payloadText of AWKWARD_PAYLOADS) {
    const whole = newBatch(5, [{ ...event, payload: JSON.parse(payloadText), payloadText }])
    t.ok(encoded(whole).endsWith(`,"payload":${payloadText}}]}`), payloadText)
    t.equal(payloadTextOf(decodeBatch(whole.id, encodeBatch(whole))[0]!), payloadText)
  }
  const bare = newBatch(5, [{ ...event, payload: undefined }])
  t.notOk('payload' in decodeBatch(bare.id, encodeBatch(bare))[0]!, 'one without a payload stays without')
})

t.test('an event that came in its text is stored to the letter, and what can be derived is not stored', async (t) => {
  const texts = ['{ "type":"a" , "payload":1.0}', '{"payload":{"type":"b"},"type":"a","id":"own","priority":9}']
  const receivedAt = ['2026-07-01T10:00:00.000Z', '2026-07-01T10:00:00.003Z']
  const events = [
    { id: '', type: 'a', payload: 1, priority: 3, receivedAt: receivedAt[0]! },
    { id: 'own', type: 'a', payload: { type: 'b' }, priority: 3, receivedAt: receivedAt[1]! }
  ]
  const batch = newBatch(3, events, undefined, texts)
  t.equal(
    encoded(batch),
    `{"events":[${texts.join(',')}],"receivedMs":[${Date.parse(receivedAt[0]!)},3],"secret":"${batch.secret}"}`
  )
  t.strictSame(decoded(batch), [
    {
      type: 'a',
      payload: 1,
      id: answeredId(batch.id, 0, new PlaceDigests(batch.secret!).at(0)),
      priority: 3,
      receivedAt: receivedAt[0]
    },
    { payload: { type: 'b' }, type: 'a', id: 'own', priority: 3, receivedAt: receivedAt[1] }
  ], 'the priority that it was admitted with is the one that counts')
})

t.test('whatever goes in comes out, whole events and texts in any mixture', async (t) => {
  const input = fc.record({
    type: fc.string({ minLength: 1 }),
    payload: fc.jsonValue(),
    id: fc.string({ minLength: 1 })
  }, { requiredKeys: ['type', 'payload'] })
  const entry = fc.record({ input, receivedMs: fc.integer({ min: 0, max: 4_102_444_800_000 }), hasText: fc.boolean() })
  t.doesNotThrow(() =>
    fc.assert(fc.property(fc.array(entry, { minLength: 1, maxLength: 20 }), (entries) => {
      const all = entries.map(({ input, receivedMs }) => posted(JSON.parse(JSON.stringify(input)), receivedMs))
      const texts = all.map(({ text }, index) => entries[index]?.hasText ? text : undefined)
      const batch = newBatch(
        5,
        all.map(({ event }) => event),
        undefined,
        texts.some((text) => text !== undefined)
          ? texts
          : undefined
      )
      const sorted = (events: readonly QueuedEvent[]) =>
        JSON.stringify(events.map((event) => Object.entries(event).toSorted(([a], [b]) => a < b ? -1 : 1)))
      return sorted(decoded(batch)) === sorted(JSON.parse(JSON.stringify(batch.events)))
    }))
  )
})

const traceOf = (digit: string, tracestate?: string) => ({
  traceparent: `00-${digit.repeat(32)}-${'b'.repeat(16)}-01`,
  ...(tracestate !== undefined && { tracestate })
})

t.test('what is assigned to events as posted stands in a list of its own, each once, and only where there is any', async (t) => {
  const [shared, other] = [traceOf('a'), traceOf('c', 'k=v')]
  const receivedAt = '2026-07-01T10:00:00.000Z'
  const text = '{"type":"a","payload":1}'
  const event = (trace?: ReturnType<typeof traceOf>): QueuedEvent => ({
    id: '',
    type: 'a',
    payload: 1,
    priority: 3,
    receivedAt,
    ...(trace !== undefined && { trace })
  })
  const columnOf = (events: QueuedEvent[], texts = events.map((): string | undefined => text)) =>
    (JSON.parse(encodeBatch(newBatch(3, events, undefined, texts))) as BatchData).envelopes
  t.equal(columnOf([event(), event()]), undefined)
  t.strictSame(
    columnOf([event(), event(shared), event(shared), event(other), event({ ...shared })]),
    [null, { trace: shared }, 1, { trace: other }, 1]
  )
  t.strictSame(
    columnOf([event(shared), event(other), event(shared), event(shared)]),
    [{ trace: shared }, { trace: other }, 0, 0],
    'an index is always that of an envelope'
  )
  t.equal(columnOf([event(), event(shared)], [text, undefined]), undefined, 'a whole event carries its own')
  t.strictSame(columnOf([event(shared), event(shared)], [undefined, text]), [null, { trace: shared }])
  t.equal(
    encoded(newBatch(3, [{ ...event(), id: 'own', hops: 2 }], undefined, [text])),
    `{"events":[${text}],"receivedMs":[${Date.parse(receivedAt)}],"envelopes":[{"hops":2}]}`,
    'the text stays as it is'
  )
  t.equal(
    encoded(newBatch(3, [{ ...event(), id: 'own' }], undefined, [text])),
    `{"events":[${text}],"receivedMs":[${Date.parse(receivedAt)}]}`,
    'nothing is added where there is nothing'
  )
})

t.test('traced and untraced events, whole and as posted, keep their traces in any mixture', async (t) => {
  const traces = [undefined, traceOf('a'), traceOf('b', 'k=v'), traceOf('c')]
  const entry = fc.record({ trace: fc.constantFrom(...traces), hasText: fc.boolean(), isCopy: fc.boolean() })
  t.doesNotThrow(() =>
    fc.assert(fc.property(fc.array(entry, { minLength: 1, maxLength: 20 }), (entries) => {
      const all = entries.map(({ trace, isCopy }) => {
        const { event, text } = posted({ type: 'x', payload: null }, 1_782_892_800_000)
        return { event: trace === undefined ? event : { ...event, trace: isCopy ? { ...trace } : trace }, text }
      })
      const texts = all.map(({ text }, index) => entries[index]?.hasText ? text : undefined)
      const batch = newBatch(
        5,
        all.map(({ event }) => event),
        undefined,
        texts.some((text) => text !== undefined)
          ? texts
          : undefined
      )
      return JSON.stringify(decoded(batch).map(({ trace }) => trace ?? null)) ===
        JSON.stringify(entries.map(({ trace }) => trace ?? null))
    }))
  )
})

t.test('nothing that the server knows of an event is lost, and no byte of its payload, however it is stored', async (t) => {
  const posted = fc.record(
    { organizationId: fc.constant('acme'), occurredAt: fc.constant('2026-03-01T10:00:00Z') }, { requiredKeys: [] }
  )
  const entry = fc.record({
    payload: jsonText, space: whiteSpace, hasText: fc.boolean(), posted, assigned: assignedValues
  })
  t.doesNotThrow(() => fc.assert(fc.property(fc.array(entry, { minLength: 1, maxLength: 8 }), (entries) => {
    const events = entries.map(({ payload, hasText, posted, assigned }, index): QueuedEvent => ({
      id: `own-${index}`,
      type: 'x',
      payload: JSON.parse(payload),
      priority: 5,
      receivedAt: '2026-07-01T10:00:00.000Z',
      ...posted,
      ...assigned,
      ...(!hasText && { payloadText: payload.trim() })
    }))
    // The stamp of a key writes the ceiling into the text.
    const texts = entries.map(({ payload, space, hasText, posted, assigned: { ceiling } }, index) => hasText
      ? withMember(
          JSON.stringify({ id: `own-${index}`, type: 'x', ...posted, ceiling }),
          'payload',
          `${space}${payload}${space}`
        )
      : undefined)
    const batch = newBatch(5, events, undefined, texts.some((text) => text !== undefined) ? texts : undefined)
    const known = (event: QueuedEvent) =>
      JSON.stringify(
        Object.entries({ ...event, payload: 0, payloadText: 0 }).toSorted(([a], [b]) => (a < b ? -1 : 1))
      )
    return decodeBatch(batch.id, encodeBatch(batch)).every((event, index) =>
      known(event) === known(events[index]!) && payloadTextOf(event) === entries[index]?.payload.trim())
  })))
})

t.test('a job that Spillway did not write is read without texts', async (t) => {
  const data = { events: [{ id: 'a', type: 'x', payload: 1, priority: 5, receivedAt: '2026-07-01T10:00:00.000Z' }] }
  t.strictSame(decodeEvents('5-1-0-a', data, ` ${JSON.stringify(data)}`), data.events)
})

t.test('the data of a batch carry a checksum, also those of a part and of a whole', async (t) => {
  const batch = newBatch(5, eventsOf(3))
  const part = childBatch(batch.id, 5, eventsOf(2), [0, 2])
  const { whole } = merge([batch, newBatch(5, eventsOf(1))])
  for (const each of [batch, part, whole]) {
    t.match(encodeBatch(each), /,"crc32":"[0-9a-f]{8}"\}$/)
    t.ok(isIntact(each.id, encodeBatch(each)))
    t.notOk(isIntact(newBatch(5, eventsOf(1)).id, encodeBatch(each)), 'no other batch has these data')
  }
})
