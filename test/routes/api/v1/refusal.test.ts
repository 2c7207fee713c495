import { Agent, request, type IncomingMessage } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import t from 'tap'
import { beginPost, post, postBatch, startApp, storedEvents } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis } from '../../../../rig/redis.ts'
import { assertInvalid, assertProblem, assertShed, startFilled, startOpen, TINIEST } from './setup.ts'

const BINARY = { 'ce-specversion': '1.0', 'ce-id': 'ce-1', 'ce-source': '/machines/7', 'ce-type': 'started' }

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

t.test('refusals of one moment differ in their Retry-After at most', async (t) => {
  const { app } = await startOpen(t)
  const answers = await Promise
    .all(Array.from(
      { length: 30 },
      () => app.inject({ method: 'POST', url: '/api/v1/events', headers: { 'x-event-priority': '5' } })
    ))
  for (const answer of answers) {
    const { retryAfterSeconds, detail, ...rest } = answer.json()
    t.equal(answer.headers['retry-after'], String(retryAfterSeconds))
    t.ok(detail.includes(`${retryAfterSeconds} s`))
    t.equal(answer.headers['content-length'], String(Buffer.byteLength(answer.body)))
    t.strictSame(rest, {
      type: 'https://iana.org/assignments/http-problem-types#temporary-reduced-capacity',
      title: 'Service Unavailable',
      status: 503,
      reason: 'circuit-open',
      circuitState: 'OPEN',
      queueDepth: 3,
      priority: 5
    })
  }
})

t.test('counts refusals of unread requests as requests', async (t) => {
  const { app } = await startOpen(t)
  for (const _ of [1, 2])
    await app.inject({ method: 'POST', url: '/api/v1/events', headers: { 'x-event-priority': '5' } })
  t.match(
    (await app.inject('/api/v1/metrics/prometheus')).body,
    /^http_request_duration_seconds_count\{method="POST",route="\/api\/v1\/events\/?",status_code="503"\} 2$/m
  )
})

t.test('refuses by the header before it looks at the body', async (t) => {
  const { app } = await startOpen(t, { BODY_LIMIT_BYTES: '4096' })
  const refused = { 'x-event-priority': '5' }
  const before = app.backpressure.rejectedCount
  const table: [claim: string, body: string, headers?: Record<string, string>][] = [
    ['a valid event', '{"type":"x","payload":1}'],
    ['a megabyte that is not JSON', '{'.repeat(1_000_000)],
    ['a body far above the limit', JSON.stringify({ type: 'x', payload: 'x'.repeat(100_000) })],
    ['a media type that is not taken', 'x', { 'content-type': 'image/png' }],
    ['an invalid event', '{}']
  ]
  for (const [claim, body, headers] of table) {
    assertShed(t, await post(app, body, { ...refused, ...headers }), {
      reason: 'circuit-open',
      circuitState: 'OPEN',
      queueDepth: 3,
      priority: 5
    }, claim)
  }
  t.equal(app.backpressure.rejectedCount - before, table.length, 'each is counted once')
  t.equal(
    (await post(app, { type: 'x', payload: 1, priority: 9 }, { 'x-event-priority': '1' })).statusCode,
    202,
    'a critical header gets in'
  )
  assertProblem(
    t,
    await post(app, '{', { 'x-event-priority': '1' }),
    400,
    'invalid-request',
    'and what it brings is looked at'
  )
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

t.test('decides after the body when only the body tells the priority', async (t) => {
  const { app } = await startOpen(t)
  assertProblem(t, await post(app, '{'), 400, 'invalid-request', 'malformed')
  assertProblem(
    t,
    await post(app, '{', { 'x-event-type': 'telemetry-data' }),
    400,
    'invalid-request',
    'the type of the header may yet be overruled'
  )
  assertInvalid(
    t,
    await post(app, '{}', { 'x-event-priority': 'high' }),
    ['X-Event-Priority'],
    'a header that is no priority says nothing'
  )
  assertShed(t, await post(app, { type: 'x', payload: 1 }), { reason: 'circuit-open', priority: 5 }, 'by default')
  assertShed(
    t,
    await post(app, { type: 'x', payload: 1, priority: 10 }),
    { reason: 'circuit-open', priority: 10 },
    'by body'
  )
  t.equal((await post(app, { type: 'critical-alarm', payload: 1 })).statusCode, 202, 'by type')
})

t.test('refuses a binary CloudEvent by its headers', async (t) => {
  const { app } = await startOpen(t)
  const malformed = (headers: Record<string, string>) => post(app, '{', { ...BINARY, ...headers })
  assertShed(t, await malformed({}), { priority: 5 }, 'the default')
  assertShed(t, await malformed({ 'ce-type': 'batch-operation' }), { priority: 10 }, 'by ce-type')
  assertShed(t, await malformed({ 'ce-type': 'critical-alarm', 'ce-priority': '4' }), { priority: 4 }, 'by ce-priority')
  assertShed(t, await malformed({ 'ce-type': '"batch-operation"' }), { priority: 10 }, 'by ce-type in quotes')
  assertShed(
    t,
    await malformed({ 'ce-type': 'critical-alarm', 'ce-priority': '"4"' }),
    { priority: 4 },
    'by ce-priority in quotes'
  )
  assertShed(
    t,
    await malformed({ 'ce-type': 'critical-alarm', 'x-event-priority': '3' }),
    { priority: 3 },
    'by X-Event-Priority'
  )
  assertProblem(t, await malformed({ 'ce-type': 'critical-alarm' }), 400, 'invalid-request', 'a critical one is read')
  t.equal((await post(app, {}, { ...BINARY, 'ce-type': 'critical-alarm' })).statusCode, 202)
})

t.test('lets a critical binary CloudEvent in whose type is percent-encoded or in quotes', async (t) => {
  const { app } = await startOpen(t, { EVENT_PRIORITIES: '{"fire alarm":1}' })
  t.equal((await post(app, {}, { ...BINARY, 'ce-type': 'fire%20alarm' })).statusCode, 202)
  t.equal((await post(app, {}, { ...BINARY, 'ce-id': 'ce-2', 'ce-type': '"fire alarm"' })).statusCode, 202)
})

t.test('refuses everything unread when even a critical event would be refused', async (t) => {
  const { app } = await startFilled(t, 4, TINIEST)
  assertShed(t, await post(app, '{'), { reason: 'queue-full', queueDepth: 4, priority: 1 }, 'malformed')
  assertShed(t, await post(app, '{', { 'x-event-priority': '1' }), { reason: 'queue-full' }, 'critical')
})

t.test('asks Redis nothing to refuse an event', async (t) => {
  const { app } = await startFilled(t, 4, { ...TINIEST, QUEUE_SAMPLE_INTERVAL_MS: '50' })
  await app.queueMonitor.stop()
  await app.redis.config('RESETSTAT')
  for (let posted = 0; posted < 20; posted++) t.equal((await post(app, { type: 'x', payload: 1 })).statusCode, 503)
  const commands = [...(await app.redis.info('commandstats')).matchAll(/^cmdstat_([^:]+):/gm)].map(([, command]) =>
    command
  )
  t.strictSame(commands.filter((command) => command !== 'config|resetstat'), [])
})

t.test('refuses with queue-bytes, then queue-full, before Redis is at its memory limit, and critical events last', async (t) => {
  const { app } = await startApp(t)
  // So much that what connections need does not matter.
  await app.redis.setrange('ballast', 50_000_000, 'x')
  const used = Number(/^used_memory:(\d+)/m.exec(await app.redis.info('memory'))?.[1])
  const useMemory = async (share: number) => {
    await app.redis.config('SET', 'maxmemory', share === 0 ? '0' : String(Math.round(used / share)))
    await eventually(`${share} of the memory is seen to be used`, () => {
      const { usedBytes, capacityBytes = Infinity } = app.backpressure.signals.memory
      return share === 0 || Math.abs(usedBytes / capacityBytes - share) < 0.015
    })
  }
  const answers = async () =>
    [await post(app, { type: 'x', payload: 1, priority: 1 }), await post(app, { type: 'x', payload: 1 })] as const
  await useMemory(0.6)
  t.strictSame((await answers()).map(({ statusCode }) => statusCode), [202, 202])
  await useMemory(0.8)
  const [critical, normal] = await answers()
  t.equal(critical.statusCode, 202)
  assertShed(t, normal, { reason: 'queue-bytes', priority: 5, circuitState: 'OPEN', detail: /bytes/ }, 'normal')
  await useMemory(0.95)
  for (const [index, answer] of (await answers()).entries())
    assertShed(t, answer, { reason: 'queue-full' }, index === 0 ? 'critical' : 'normal')
  await useMemory(0)
  await eventually('the circuit is closed', () => app.backpressure.signals.circuitState === 'CLOSED')
  t.strictSame((await answers()).map(({ statusCode }) => statusCode), [202, 202])
})

for (const isWarm of [true, false]) {
  t.test(`answers queue-full while Redis is out of memory and stores again afterwards, ${isWarm ? 'having written before' : 'on a fresh connection'}`, async (t) => {
    const { app } = await startApp(t, { env: { ENABLE_BACKPRESSURE: 'false' } })
    let accepted = 0
    if (isWarm) accepted += Number((await post(app, { type: 'x', payload: 1 })).statusCode === 202)
    await app.redis.config('SET', 'maxmemory', '1')
    for (const priority of [1, 5]) {
      assertShed(
        t,
        await post(app, { type: 'x', payload: 1, priority }),
        { reason: 'queue-full', priority },
        `priority ${priority}`
      )
    }
    await app.redis.config('SET', 'maxmemory', '0')
    for (const priority of [1, 5, 10]) {
      t.equal(
        (await post(app, { type: 'x', payload: 1, priority })).statusCode,
        202,
        `priority ${priority} is stored again`
      )
      accepted++
    }
    t.equal((await storedEvents(app)).length, accepted)
  })
}

t.test('stores whole events only as Redis runs out of memory, and goes on when it has more', async (t) => {
  const redis = await startRedis(t, { extraArgs: ['--maxmemory', '4mb'] })
  const { app } = await startApp(t, { redis, env: { ENABLE_BACKPRESSURE: 'false' } })
  const payload = 'x'.repeat(200_000)
  const accepted: string[] = []
  let answer = await post(app, { type: 'x', payload })
  for (; answer.statusCode === 202; answer = await post(app, { type: 'x', payload })) accepted.push(answer.json().id)
  t.ok(accepted.length > 0)
  assertShed(t, answer, { reason: 'queue-full' }, 'what finds no room')
  await app.redis.config('SET', 'maxmemory', '0')
  const last = await eventually('events are stored again', async () => {
    const answer = await post(app, { type: 'x', payload: 'after' })
    return answer.statusCode === 202 && answer.json().id as string
  })
  t.strictSame(
    (await storedEvents(app)).map(({ id }) => id).toSorted(),
    [...accepted, last].toSorted(),
    'every event that was answered 202 and no other'
  )
  const jobs = await app.redis.keys(app.queue.keys.jobs.of('5-*'))
  t.equal(jobs.length, accepted.length + 1, 'no job is left that no list knows')
  await eventually('the ledger agrees', () => app.backpressure.signals.depth === accepted.length + 1)
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
