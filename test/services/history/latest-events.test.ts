import t from 'tap'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { LatestEvents, MOST_LATEST, MOST_PAYLOAD_CHARACTERS } from '../../../services/history/latest-events.ts'

const event = (id: string, fields: Partial<QueuedEvent> = {}): QueuedEvent =>
  ({ id, type: 'a', payload: 1, priority: 5, receivedAt: '2026-03-01T12:00:00.000Z', ...fields })

const ids = (latest: LatestEvents, limit = MOST_LATEST, type?: string) => latest.list(limit, type).map(({ id }) => id)

t.test('lists the newest first, as many as are asked for, of one type if it is named', async (t) => {
  const latest = new LatestEvents()
  for (const id of ['1', '2', '3']) latest.record(event(id, { type: id === '2' ? 'b' : 'a' }), undefined)
  t.strictSame(ids(latest), ['3', '2', '1'])
  t.strictSame(ids(latest, 1), ['3'])
  t.strictSame(ids(latest, 2, 'a'), ['3', '1'])
  t.strictSame(ids(latest, 2, 'c'), [])
})

t.test('takes a few in each second, and counts them all', async (t) => {
  const latest = new LatestEvents()
  for (let index = 0; index < 1_000; index++) latest.record(event(`${index}`), undefined)
  t.strictSame(ids(latest), ['9', '8', '7', '6', '5', '4', '3', '2', '1', '0'])
  t.equal(latest.accepted, 1_000)
  latest.refill()
  latest.record(event('later'), undefined)
  t.strictSame(ids(latest, 2), ['later', '9'])
})

t.test('keeps a hundred', async (t) => {
  const latest = new LatestEvents()
  for (let index = 0; index < 2 * MOST_LATEST; index++) {
    latest.record(event(`${index}`), undefined)
    latest.refill()
  }
  t.equal(ids(latest).length, MOST_LATEST)
  t.equal(ids(latest)[0], `${2 * MOST_LATEST - 1}`)
  t.equal(latest.find('0'), undefined)
})

t.test('keeps payloads in the text that they were posted in, up to a length', async (t) => {
  const payloadOf = (fields: Partial<QueuedEvent>, text?: string) => {
    const latest = new LatestEvents()
    latest.record(event('x', fields), text)
    const { payloadText, isPayloadTooLong } = latest.find('x') ?? {}
    return { payloadText, isPayloadTooLong }
  }
  const long = 'x'.repeat(MOST_PAYLOAD_CHARACTERS)
  t.strictSame(payloadOf({}, '{"type":"a","payload": 1.0 }'), { payloadText: '1.0', isPayloadTooLong: false })
  t.strictSame(payloadOf({ payload: 1e16, payloadText: '10000000000000001' }), {
    payloadText: '10000000000000001',
    isPayloadTooLong: false
  })
  t.strictSame(payloadOf({ payload: { a: 'é' } }), { payloadText: '{"a":"é"}', isPayloadTooLong: false })
  t.strictSame(payloadOf({ payload: undefined }), { payloadText: undefined, isPayloadTooLong: false })
  t.strictSame(payloadOf({ payload: null }, '{"type":"a","payload":null}'), {
    payloadText: 'null',
    isPayloadTooLong: false
  })
  t.strictSame(payloadOf({ payload: long }, JSON.stringify({ type: 'a', payload: long })), {
    payloadText: undefined,
    isPayloadTooLong: true
  })
  t.strictSame(payloadOf({ payload: undefined }, JSON.stringify({ type: 'a', payload: long })), {
    payloadText: undefined,
    isPayloadTooLong: true
  }, 'its value is let go')
  t.strictSame(payloadOf({ payload: undefined, payloadText: `"${long}"` }), {
    payloadText: undefined,
    isPayloadTooLong: true
  })
  t.strictSame(payloadOf({ payload: long }), { payloadText: undefined, isPayloadTooLong: true })
  t.strictSame(payloadOf({ payload: `${long}${long}` }, JSON.stringify({ type: 'a', payload: `${long}${long}` })), {
    payloadText: undefined,
    isPayloadTooLong: true
  })
})

t.test('finds an event by its id, within its organization and of its source if they are named', async (t) => {
  const latest = new LatestEvents()
  latest.record(event('same', { organizationId: 'one', payload: 1 }), undefined)
  latest.record(event('same', { organizationId: 'two', payload: 2, attributes: { source: '/plant' } }), undefined)
  t.match(latest.find('same'), { organizationId: 'two', source: '/plant' })
  t.match(latest.find('same', { organizationId: 'one' }), { payloadText: '1' })
  t.match(latest.find('same', { source: '/plant' }), { payloadText: '2' })
  t.equal(latest.find('same', { organizationId: 'three' }), undefined)
  t.equal(latest.find('same', { organizationId: 'one', source: '/plant' }), undefined)
})
