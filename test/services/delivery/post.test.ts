import { getEventListeners, once } from 'node:events'
import type { Socket } from 'node:net'
import t from 'tap'
import { Outbound } from '../../../services/delivery/outbound.ts'
import { findUrlProblem, post, type PostRequest } from '../../../services/delivery/post.ts'
import { refusedUrl, startConsumer } from '../../../rig/consumer.ts'

const outbound = new Outbound()

function request (fields: Partial<PostRequest> = {}): PostRequest {
  return {
    headers: {},
    body: '{}',
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    maxAnswerBytes: 1_000,
    outbound,
    ...fields
  }
}

t.test('answers status, Retry-After and body', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply) => {
    reply.writeHead(418, { 'retry-after': '5' }).end('short')
  }
  t.strictSame(await post(consumer.url, request({ headers: { 'x-key': 'k' }, body: 'hello' })), {
    kind: 'answered',
    status: 418,
    retryAfter: '5',
    body: 'short'
  })
  t.match(consumer.calls, [{
    method: 'POST',
    url: '/events',
    body: 'hello',
    headers: { 'x-key': 'k', 'user-agent': 'spillway' }
  }])
})

t.test('does not follow redirects', async (t) => {
  const consumer = await startConsumer(t)
  for (const status of [301, 302, 303, 307, 308]) {
    consumer.answer = (_call, reply) => { reply.writeHead(status, { location: '/elsewhere' }).end() }
    t.match(await post(consumer.url, request()), { kind: 'answered', status })
  }
  t.equal(consumer.calls.length, 5)
})

t.test('uses its connections again', async (t) => {
  const consumer = await startConsumer(t)
  const sockets = new Set<Socket>()
  consumer.answer = (_call, reply, { socket }) => { sockets.add(socket); reply.end('x'.repeat(900)) }
  for (let call = 0; call < 20; call++) await post(consumer.url, request())
  // The next call may start before the last connection is back, so there may be a second one; never one per call.
  t.ok(sockets.size <= 2, `${sockets.size} connections`)
})

t.test('reads no more of an answer than it was told', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply) => { reply.end('x'.repeat(1_001)) }
  t.match(await post(consumer.url, request()), { kind: 'answered', status: 200, body: undefined })
  const closed = Promise.withResolvers<void>()
  consumer.answer = (_call, reply, { socket }) => {
    socket.once('close', () => closed.resolve())
    const flood = () => { while (!reply.destroyed && reply.write('x'.repeat(65_536))); }
    reply.on('drain', flood)
    flood()
  }
  t.match(await post(consumer.url, request()), { kind: 'answered', status: 200, body: undefined })
  await closed.promise
})

t.test('keeps the status of an answer that breaks off', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply, { socket }) => {
    reply.writeHead(200, { 'content-length': '100' }).write('half', () => socket.destroy())
  }
  t.strictSame(await post(consumer.url, request()), {
    kind: 'answered',
    status: 200,
    retryAfter: null,
    body: undefined
  })
})

t.test('says why there is no answer', async (t) => {
  t.strictSame(await post(await refusedUrl(), request()), {
    kind: 'failed', reason: 'ECONNREFUSED', wasConnected: false
  })
  const consumer = await startConsumer(t)
  consumer.answer = (_call, _reply, { socket }) => { socket.destroy() }
  t.match(await post(consumer.url, request()), { kind: 'failed', reason: 'ECONNRESET', wasConnected: true })
  consumer.answer = () => {}
  t.strictSame(await post(consumer.url, request({ timeoutMs: 20 })), {
    kind: 'failed', reason: 'no answer within 20 ms', wasConnected: true
  })
})

t.test('takes a promise to speak another protocol for no answer', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, _reply, { socket }) => {
    socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: other\r\n\r\n')
  }
  t.match(await post(consumer.url, request()), { kind: 'failed' })
})

t.test('waits for the answer behind one that is only for the time being', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply) => {
    reply.writeContinue()
    reply.writeProcessing()
    reply.end('at last')
  }
  t.match(await post(consumer.url, request()), { kind: 'answered', status: 200, body: 'at last' })
})

t.test('keeps the status of an answer whose body takes too long, or whose caller ends', async (t) => {
  const consumer = await startConsumer(t)
  const controller = new AbortController()
  consumer.answer = (_call, reply) => {
    reply.writeHead(200).write('half')
  }
  t.strictSame(await post(consumer.url, request({ timeoutMs: 20 })), {
    kind: 'answered',
    status: 200,
    retryAfter: null,
    body: undefined
  })
  consumer.answer = (_call, reply) => {
    reply.writeHead(200).write('half', () => setImmediate(() => controller.abort()))
  }
  t.match(await post(consumer.url, request({ signal: controller.signal })), { kind: /answered|interrupted/ })
})

t.test('makes no call when its caller has ended', async (t) => {
  const consumer = await startConsumer(t)
  t.strictSame(await post(consumer.url, request({ signal: AbortSignal.abort() })), { kind: 'interrupted' })
  t.equal(consumer.calls.length, 0)
})

t.test('leaves nothing behind at the signal of its caller', async (t) => {
  const consumer = await startConsumer(t)
  const { signal } = new AbortController()
  for (let call = 0; call < 3; call++) await post(consumer.url, request({ signal }))
  t.equal(getEventListeners(signal, 'abort').length, 0)
})

t.test('ends at the signal of its caller', async (t) => {
  const consumer = await startConsumer(t)
  const controller = new AbortController()
  const closed = Promise.withResolvers<unknown>()
  consumer.answer = (_call, _reply, { socket }) => {
    closed.resolve(once(socket, 'close'))
    controller.abort()
  }
  t.strictSame(await post(consumer.url, request({ signal: controller.signal })), { kind: 'interrupted' })
  await closed.promise
})

t.test('tells an address that nothing can be posted to', async (t) => {
  for (const url of ['http://localhost', 'https://example.com/a?b=c']) t.equal(findUrlProblem(url), undefined, url)
  for (const url of ['', 'example.com', 'ftp://example.com', 'file:///etc/passwd', 'http://'])
    t.equal(findUrlProblem(url), 'expected an http or https URL', url)
  t.match(findUrlProblem('https://user:pass@example.com'), /without a user name or password/)
})
