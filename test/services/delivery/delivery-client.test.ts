import { Webhook } from 'standardwebhooks'
import t from 'tap'
import { event, never, startClient } from './client.ts'
import { refusedUrl, startConsumer } from '../../../rig/consumer.ts'

const SECRET = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD'

t.test('posts a batch of CloudEvents', async (t) => {
  const consumer = await startConsumer(t)
  const { client } = startClient({ url: consumer.url })
  t.strictSame(await client.deliver([event('a'), event('b', { organizationId: 'acme', attempt: 2 })], never()), {
    outcomes: [{ status: 'done' }, { status: 'done' }]
  })
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
  t.throws(() => startClient({ url: 'http://user:pass@localhost' }), {
    code: 'DELIVERY_URL_INVALID',
    message: /^DELIVERY_URL: /
  })
  t.throws(() => startClient({ url: 'http://localhost', secret: 'not base64 at all' }), {
    code: 'DELIVERY_SECRET_INVALID'
  })
})

t.test('takes a 207 event by event', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply) => {
    reply.writeHead(207).end(JSON.stringify({ results: [{ id: 'a', status: 'done' }, { id: 'b', status: 'dead' }] }))
  }
  const { client } = startClient({ url: consumer.url })
  const { outcomes, pauseMs } = await client.deliver([event('a'), event('b'), event('c')], never())
  t.match(outcomes, [{ status: 'done' }, { status: 'dead' }, { status: 'retry' }])
  t.equal(pauseMs, undefined)
})

t.test('retries all when a 207 is longer than any list of results', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply) => {
    reply.writeHead(207).end(JSON.stringify({ results: [{ id: 'a', status: 'done' }], padding: 'x'.repeat(100_000) }))
  }
  const { client } = startClient({ url: consumer.url })
  t.match(await client.deliver([event('a')], never()), { outcomes: [{ status: 'retry', reason: /lists no results/ }] })
})

t.test('uses up no attempt when the process shuts down, and one when the handler runs out of time', async (t) => {
  const consumer = await startConsumer(t)
  const controller = new AbortController()
  consumer.answer = () => { controller.abort() }
  const { client } = startClient({ url: consumer.url })
  t.strictSame(await client.deliver([event('a')], controller.signal), {
    outcomes: [{ status: 'retry', reason: 'interrupted by shutdown', countsAsAttempt: false }]
  })
  t.match(await client.deliver([event('a')], AbortSignal.abort()), {
    outcomes: [{ status: 'retry', countsAsAttempt: false }]
  })
  t.equal(consumer.calls.length, 1, 'an aborted delivery makes no call')
  t.strictSame(await client.deliver([event('a')], AbortSignal.abort(new DOMException('late', 'TimeoutError'))), {
    outcomes: [{ status: 'retry', reason: 'timed out' }]
  })
})

t.test('a call has the trace of its events as headers when they share it', async (t) => {
  const consumer = await startConsumer(t)
  const { client } = startClient({ url: consumer.url })
  const inTrace = (digit: string) => ({
    trace: { traceparent: `00-${digit.repeat(32)}-${'b'.repeat(16)}-00`, tracestate: 'k=v' }
  })
  for (
    const events of [
      [event('a', inTrace('a')), event('b', inTrace('a'))],
      [event('a', inTrace('a')), event('b', inTrace('c'))],
      [event('a', inTrace('a')), event('b')],
      [event('a')]
    ]
  ) {
    await client.deliver(events, never())
  }
  const { traceparent, tracestate } = inTrace('a').trace
  t.strictSame(consumer.calls.map(({ headers }) => [headers.traceparent, headers.tracestate]), [
    [traceparent, tracestate],
    [undefined, undefined],
    [undefined, undefined],
    [undefined, undefined]
  ])
  t.match(
    JSON.parse(consumer.calls[1]!.body),
    [inTrace('a').trace, inTrace('c').trace],
    'each event has its own all the same'
  )
})
