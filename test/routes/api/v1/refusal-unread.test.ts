/* Refusals on a connection: what happens to a body that nobody reads. */
import { Agent, request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import t from 'tap'
import { beginPost, postBatch, startApp } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startOpen } from './setup.ts'

t.test('a refusal passes the body over and keeps the connection', async (t) => {
  const { app } = await startOpen(t)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.teardown(() => agent.destroy())
  const post = async (priority: string, body: string) => {
    const call = request({
      port,
      agent,
      path: '/api/v1/events',
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-event-priority': priority }
    })
    call.end(body)
    const [answer] = await once(call, 'response') as [IncomingMessage]
    return {
      status: answer.statusCode,
      body: await json(answer) as Record<string, unknown>,
      port: call.socket?.localPort
    }
  }
  const large = JSON.stringify({ type: 'x', payload: 'x'.repeat(500_000) })
  const refused = [await post('5', large), await post('5', 'not even JSON'), await post('5', large)]
  for (const { status, body } of refused)
    t.match({ status, body }, { status: 503, body: { reason: 'circuit-open', priority: 5 } })
  const accepted = await post('1', '{"type":"x","payload":1}')
  t.match(accepted, { status: 202, body: { type: 'x', priority: 1 } })
  t.strictSame(new Set([...refused, accepted].map(({ port }) => port)).size, 1, 'all over one connection')
})

t.test('refuses over a socket without waiting for a body that never comes', async (t) => {
  const { app } = await startOpen(t)
  for (const body of ['', '{"type":"x","payl']) {
    const request = await beginPost(t, app, '/api/v1/events', {
      'content-type': 'application/json',
      'content-length': '1000000',
      'x-event-priority': '6'
    })
    if (body !== '') request.write(body)
    const { statusCode, headers, body: problem } = await request.answer
    t.equal(statusCode, 503)
    t.match(problem, { reason: 'circuit-open', priority: 6, retryAfterSeconds: Number })
    t.equal(headers['retry-after'], String(problem.retryAfterSeconds))
  }
})

t.test('invites a body only when it is going to be read', async (t) => {
  const { app } = await startApp(t, {
    env: { QUEUE_RECOVERY_THRESHOLD: '1', QUEUE_WARNING_THRESHOLD: '2', QUEUE_CRITICAL_THRESHOLD: '3' }
  })
  await postBatch(app, [1, 2, 3].map((payload) => ({ type: 'x', payload })))
  await eventually('the circuit is open', () => app.backpressure.signals.circuitState === 'OPEN')
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  for (const [priority, statusCode, isInvited] of [['5', 503, false], ['1', 202, true]] as const) {
    const body = '{"type":"x","payload":1}'
    const call = request({
      host: '127.0.0.1',
      port,
      path: '/api/v1/events',
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'content-length': body.length,
        expect: '100-continue',
        'x-event-priority': priority
      }
    })
    let wasInvited = false
    call.once('continue', () => {
      wasInvited = true
      call.end(body)
    })
    call.flushHeaders()
    const [answer] = await once(call, 'response') as [IncomingMessage]
    t.equal(answer.statusCode, statusCode)
    t.equal(wasInvited, isInvited)
    if (!isInvited)
      t.equal(answer.headers.connection, 'close', 'or what comes next would be taken for the body that does not')
    call.destroy()
  }
})
