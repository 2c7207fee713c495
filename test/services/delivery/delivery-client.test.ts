import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { DeliveryClient, type DeliveryOptions } from '../../../services/delivery/delivery-client.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { refusedUrl, startConsumer } from './consumer.ts'

const SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'
const BUSY = { status: 'retry', countsAsAttempt: false }

function event (id: string, fields: Partial<QueuedEvent> = {}): QueuedEvent {
  return { id, type: 'telemetry-data', payload: { id }, priority: 5, receivedAt: '2026-03-01T12:00:00.000Z', ...fields }
}

function never (): AbortSignal { return new AbortController().signal }

/** A client whose pauses pass when the test moves `clock.now`. */
function startClient (options: Partial<DeliveryOptions> & { url: string }) {
  const clock = { now: 1_000 }
  return { clock, client: new DeliveryClient({ timeoutMs: 60_000, elapsed: () => clock.now, ...options }) }
}

t.test('posts a batch of CloudEvents', async (t) => {
  const consumer = await startConsumer(t)
  const { client } = startClient({ url: consumer.url })
  t.strictSame(await client.deliver([event('a'), event('b', { organizationId: 'acme', attempt: 2 })], never()), { outcomes: [{ status: 'done' }, { status: 'done' }] })
  const [call] = consumer.calls
  t.match(call, { method: 'POST', headers: { 'content-type': 'application/cloudevents-batch+json' } })
  t.match(JSON.parse(call!.body), [
    { specversion: '1.0', id: 'a', attempt: 1, data: { id: 'a' } },
    { specversion: '1.0', id: 'b', attempt: 2, organizationid: 'acme', data: { id: 'b' } }
  ])
  t.notOk('webhook-signature' in call!.headers)
})

t.test('signs what it posts when it has a secret', async (t) => {
  const consumer = await startConsumer(t)
  const { client } = startClient({ url: consumer.url, secret: SECRET })
  await client.deliver([event('ä€')], never())
  const [{ body, headers }] = consumer.calls as [typeof consumer.calls[0] & object]
  t.match(new Webhook(SECRET).verify(body, headers as Record<string, string>), [{ id: 'ä€' }])
})

t.test('makes no call for no events', async (t) => {
  const { client } = startClient({ url: await refusedUrl() })
  t.strictSame(await client.deliver([], never()), { outcomes: [] })
})

t.test('refuses an address or a secret it cannot use', async (t) => {
  t.throws(() => startClient({ url: 'http://user:pass@localhost' }), { code: 'DELIVERY_URL_INVALID', message: /^DELIVERY_URL: / })
  t.throws(() => startClient({ url: 'http://localhost', secret: 'not base64 at all' }), { code: 'DELIVERY_SECRET_INVALID' })
})

t.test('takes a 207 event by event', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply) => { reply.writeHead(207).end(JSON.stringify({ results: [{ id: 'a', status: 'done' }, { id: 'b', status: 'dead' }] })) }
  const { client } = startClient({ url: consumer.url })
  const { outcomes, pauseMs } = await client.deliver([event('a'), event('b'), event('c')], never())
  t.match(outcomes, [{ status: 'done' }, { status: 'dead' }, { status: 'retry' }])
  t.equal(pauseMs, undefined)
})

t.test('retries all when a 207 is longer than any list of results', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply) => { reply.writeHead(207).end(JSON.stringify({ results: [{ id: 'a', status: 'done' }], padding: 'x'.repeat(100_000) })) }
  const { client } = startClient({ url: consumer.url })
  t.match(await client.deliver([event('a')], never()), { outcomes: [{ status: 'retry', reason: /lists no results/ }] })
})

t.test('pauses as long as the consumer asks, and sends nothing meanwhile', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply) => { reply.writeHead(429, { 'retry-after': '3' }).end() }
  const { client, clock } = startClient({ url: consumer.url })
  t.match(await client.deliver([event('a')], never()), { outcomes: [{ ...BUSY, delayMs: 3_000 }], pauseMs: 3_000 })
  clock.now += 1_000
  t.match(await client.deliver([event('b')], never()), { outcomes: [{ ...BUSY, delayMs: 2_000 }], pauseMs: 2_000 })
  t.equal(consumer.calls.length, 1)
  consumer.answer = (_call, reply) => { reply.end() }
  clock.now += 2_000
  t.strictSame(await client.deliver([event('b')], never()), { outcomes: [{ status: 'done' }] })
})

t.test('pauses longer with each delivery in a row that fails, until one succeeds', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply) => { reply.writeHead(500).end() }
  const { client, clock } = startClient({ url: consumer.url })
  for (const pauseMs of [250, 500, 1_000]) {
    const result = await client.deliver([event('a')], never())
    t.strictSame(result, { outcomes: [{ status: 'retry', reason: 'consumer answered 500' }], pauseMs })
    clock.now += pauseMs
  }
  consumer.answer = (_call, reply) => { reply.end() }
  t.strictSame(await client.deliver([event('a')], never()), { outcomes: [{ status: 'done' }] })
  consumer.answer = (_call, reply) => { reply.writeHead(502).end() }
  t.match(await client.deliver([event('a')], never()), { pauseMs: 250 })
})

t.test('retries, with an attempt used up, what got no answer', async (t) => {
  const { client } = startClient({ url: await refusedUrl() })
  t.strictSame(await client.deliver([event('a')], never()), { outcomes: [{ status: 'retry', reason: 'delivery failed: ECONNREFUSED' }], pauseMs: 250 })
  const consumer = await startConsumer(t)
  consumer.answer = () => {}
  const { client: impatient } = startClient({ url: consumer.url, timeoutMs: 20 })
  t.strictSame(await impatient.deliver([event('a')], never()), { outcomes: [{ status: 'retry', reason: 'delivery failed: no answer within 20 ms' }], pauseMs: 250 })
})

t.test('takes batches that fail side by side for one failure', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply) => { if (consumer.calls.length === 5) replies.resolve(); void replies.promise.then(() => reply.writeHead(500).end()) }
  const replies = Promise.withResolvers<void>()
  const { client } = startClient({ url: consumer.url })
  const results = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => client.deliver([event(id)], never())))
  t.strictSame(results.map(({ pauseMs }) => pauseMs), [250, 250, 250, 250, 250])
})

t.test('lets one batch ask whether a failing consumer is back, at the cost of that batch alone', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply) => { reply.writeHead(500).end() }
  const { client, clock } = startClient({ url: consumer.url })
  await client.deliver([event('a')], never())
  clock.now += 250
  const results = await Promise.all(['a', 'b', 'c'].map((id) => client.deliver([event(id)], never())))
  t.equal(consumer.calls.length, 2)
  t.strictSame(results[0], { outcomes: [{ status: 'retry', reason: 'consumer answered 500' }], pauseMs: 500 })
  for (const result of results.slice(1)) t.match(result, { outcomes: [{ ...BUSY, delayMs: 500 }], pauseMs: 500 })

  consumer.answer = (_call, reply) => { reply.end() }
  clock.now += 500
  const recovered = await Promise.all(['a', 'b', 'c'].map((id) => client.deliver([event(id)], never())))
  t.strictSame(recovered.map(({ outcomes }) => outcomes[0]?.status), ['done', 'done', 'done'])
  t.equal(consumer.calls.length, 5)
})

t.test('goes on asking, one batch at a time, while the consumer is busy after a failure', async (t) => {
  const consumer = await startConsumer(t)
  const statuses = [500, 503, 200, 200]
  consumer.answer = (_call, reply) => { reply.writeHead(statuses.shift() ?? 500).end() }
  const { client, clock } = startClient({ url: consumer.url })
  await client.deliver([event('a')], never())
  clock.now += 250
  const [first, second] = await Promise.all([client.deliver([event('a')], never()), client.deliver([event('b')], never())])
  t.match(first, { outcomes: [BUSY], pauseMs: 1_000 })
  t.match(second, { outcomes: [BUSY], pauseMs: 1_000 })
  clock.now += 1_000
  t.strictSame((await Promise.all([client.deliver([event('a')], never()), client.deliver([event('b')], never())])).map(({ outcomes }) => outcomes[0]?.status), ['done', 'done'])
  t.equal(consumer.calls.length, 4)
})

t.test('uses up no attempt when the process shuts down, and one when the handler runs out of time', async (t) => {
  const consumer = await startConsumer(t)
  const controller = new AbortController()
  consumer.answer = () => { controller.abort() }
  const { client } = startClient({ url: consumer.url })
  t.strictSame(await client.deliver([event('a')], controller.signal), { outcomes: [{ status: 'retry', reason: 'interrupted by shutdown', countsAsAttempt: false }] })
  t.match(await client.deliver([event('a')], AbortSignal.abort()), { outcomes: [BUSY] })
  t.equal(consumer.calls.length, 1, 'an aborted delivery makes no call')
  t.strictSame(await client.deliver([event('a')], AbortSignal.abort(new DOMException('late', 'TimeoutError'))), { outcomes: [{ status: 'retry', reason: 'timed out' }] })
})

t.test('a call has the trace of its events as headers when they share it', async (t) => {
  const consumer = await startConsumer(t)
  const { client } = startClient({ url: consumer.url })
  const inTrace = (digit: string) => ({ trace: { traceparent: `00-${digit.repeat(32)}-${'b'.repeat(16)}-00`, tracestate: 'k=v' } })
  for (const events of [[event('a', inTrace('a')), event('b', inTrace('a'))], [event('a', inTrace('a')), event('b', inTrace('c'))], [event('a', inTrace('a')), event('b')], [event('a')]]) {
    await client.deliver(events, never())
  }
  const { traceparent, tracestate } = inTrace('a').trace
  t.strictSame(consumer.calls.map(({ headers }) => [headers.traceparent, headers.tracestate]), [[traceparent, tracestate], [undefined, undefined], [undefined, undefined], [undefined, undefined]])
  t.match(JSON.parse(consumer.calls[1]!.body), [inTrace('a').trace, inTrace('c').trace], 'each event has its own all the same')
})
