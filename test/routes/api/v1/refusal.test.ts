import { Agent, request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import t from 'tap'
import { startOpen } from './setup.ts'

t.test('a refusal passes the body over and keeps the connection', async (t) => {
  const { app } = await startOpen(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const post = async (priority: string, body: string) => {
    const call = request({ port, agent, path: '/api/v1/events', method: 'POST', headers: { 'content-type': 'application/json', 'x-event-priority': priority } })
    call.end(body)
    const [answer] = await once(call, 'response') as [IncomingMessage]
    return { status: answer.statusCode, body: await json(answer) as Record<string, unknown>, port: call.socket?.localPort }
  }
  const large = JSON.stringify({ type: 'x', payload: 'x'.repeat(500_000) })
  const refused = [await post('5', large), await post('5', 'not even JSON'), await post('5', large)]
  for (const { status, body } of refused) t.match({ status, body }, { status: 503, body: { reason: 'circuit-open', priority: 5 } })
  const accepted = await post('1', '{"type":"x","payload":1}')
  t.match(accepted, { status: 202, body: { type: 'x', priority: 1 } })
  t.strictSame(new Set([...refused, accepted].map(({ port }) => port)).size, 1, 'all over one connection')
})

t.test('refusals of one moment differ in their Retry-After at most', async (t) => {
  const { app } = await startOpen(t)
  const answers = await Promise.all(Array.from({ length: 30 }, () => app.inject({ method: 'POST', url: '/api/v1/events', headers: { 'x-event-priority': '5' } })))
  for (const answer of answers) {
    const { retryAfterSeconds, detail, ...rest } = answer.json()
    t.equal(answer.headers['retry-after'], String(retryAfterSeconds))
    t.ok(detail.includes(`${retryAfterSeconds} s`))
    t.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)))
    t.strictSame(rest, { type: 'urn:spillway:problem:shed', title: 'Service Unavailable', status: 503, reason: 'circuit-open', circuitState: 'OPEN', queueDepth: 3, priority: 5 })
  }
})

t.test('counts refusals of unread requests as requests', async (t) => {
  const { app } = await startOpen(t)
  for (const _ of [1, 2]) await app.inject({ method: 'POST', url: '/api/v1/events', headers: { 'x-event-priority': '5' } })
  t.match((await app.inject('/api/v1/metrics/prometheus')).body, /^http_request_duration_seconds_count\{method="POST",route="\/api\/v1\/events\/?",status_code="503"\} 2$/m)
})
