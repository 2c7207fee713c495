import { once } from 'node:events'
import { connect, type AddressInfo, type Socket } from 'node:net'
import t from 'tap'
import { beginPost, metric, post, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startMeteredService } from '../../rig/metered-service.ts'
import { startRedis } from '../../rig/redis.ts'
import { assertShed } from '../routes/api/v1/setup.ts'

const MIB = 1_048_576
const JSON_TYPE = { 'content-type': 'application/json' }

/** Room for 2 MiB of low priority, 3 of normal, 4 of critical. */
const SMALL = {
  BODY_LIMIT_BYTES: String(2 * MIB),
  BATCH_BODY_LIMIT_BYTES: String(2 * MIB),
  BODIES_IN_FLIGHT_BYTES: String(4 * MIB)
}

const held = 'spillway_bodies_in_flight_bytes'
const refusals = (priorityClass: string) =>
  `rule_engine_backpressure_rejected_total{priority_class="${priorityClass}",reason="bodies-in-flight"}`

t.test('a body that was announced and is not sent keeps nobody out', async (t) => {
  const { app } = await startApp(t, { env: SMALL })
  for (let begun = 0; begun < 20; begun++) {
    await beginPost(t, app, '/api/v1/events/batch', {
      ...JSON_TYPE,
      'content-length': String(2 * MIB),
      'x-event-priority': '5'
    })
  }
  const large = JSON.stringify({ type: 'x', payload: 'x'.repeat(MIB), priority: 9 })
  t.equal((await post(app, large)).statusCode, 202)
  t.equal(await metric(app, held), 0)
})

t.test('bodies beyond the budget are refused by class, low first and critical last', async (t) => {
  const { app } = await startApp(t, { env: SMALL })
  const grow = async (priority: string, bytes: number) => {
    const call = await beginPost(t, app, '/api/v1/events/batch', {
      ...JSON_TYPE, 'content-length': String(Math.floor(bytes) + 1), 'x-event-priority': priority
    })
    call.write(' '.repeat(bytes))
  }
  const holds = (mib: number) => eventually(`${mib} MiB are held`, async () => await metric(app, held) >= mib * MIB)
  await grow('1', 1.9 * MIB)
  await grow('1', 0.2 * MIB)
  await holds(2)
  const announced = (priority: string, payload = 1) =>
    post(app, JSON.stringify({ type: 'x', payload }), { 'x-event-priority': priority })
  assertShed(t, await announced('6'), { reason: 'bodies-in-flight', priority: 6, circuitState: 'CLOSED' }, 'low')
  t.equal((await announced('5')).statusCode, 202, 'normal has room')
  await grow('1', MIB)
  await holds(3)
  assertShed(t, await announced('5'), { reason: 'bodies-in-flight', priority: 5 }, 'normal')
  t.equal((await announced('1')).statusCode, 202, 'critical has its reserve')
  t.equal((await post(app, { type: 'x', payload: 1 })).statusCode, 202, 'as has a small body that may be critical')
  assertShed(t, await post(app, { type: 'x', payload: 'x'.repeat(100_000) }), {
    reason: 'bodies-in-flight',
    priority: 5
  }, 'but no large one')
  const tooLarge = await beginPost(t, app, '/api/v1/events', { ...JSON_TYPE, 'content-length': String(2 * MIB + 1) })
  t.equal((await tooLarge.answer).statusCode, 413, 'a body that is too large is told so, since no wait will help it')
  t.match((await postBatch(app, [{ type: 'x', payload: 1 }], { 'x-event-priority': '9' })).json(), {
    reason: 'bodies-in-flight',
    accepted: 0,
    results: []
  })
  const stream = await postBatch(app, '{"type":"x","payload":1}\n', {
    'content-type': 'application/x-ndjson',
    'x-event-priority': '9'
  })
  t.equal(stream.statusCode, 202, 'a stream is not collected')
  t.strictSame([
    await metric(app, refusals('low')),
    await metric(app, refusals('normal')),
    await metric(app, refusals('critical'))
  ], [2, 2, 0])
  t.equal(await metric(app, 'spillway_bodies_in_flight_budget_bytes'), 4 * MIB)
})

t.test('a body that stands still gives way to one that does not', async (t) => {
  const { app } = await startApp(t, { env: SMALL })
  const standing = await beginPost(t, app, '/api/v1/events/batch', { ...JSON_TYPE, 'content-length': String(2 * MIB) })
  standing.write(`[${' '.repeat(1.9 * MIB)}`)
  await eventually('it is held', async () => await metric(app, held) > 1.8 * MIB)
  let refused = 0
  await eventually('it has stood still for long enough', async () => {
    const { statusCode } = await post(app, { type: 'x', payload: 'x'.repeat(1.9 * MIB) })
    if (statusCode === 503) refused++
    return statusCode === 202
  })
  const answer = await standing.answer
  t.match(answer, {
    statusCode: 503,
    headers: { connection: 'close' },
    body: { reason: 'bodies-in-flight', priority: 5, accepted: 0, results: [] }
  })
  t.equal(answer.headers['retry-after'], String(answer.body.retryAfterSeconds))
  await eventually('nothing is held', async () => await metric(app, held) === 0)
  t.strictSame([await metric(app, refusals('normal')), await metric(app, refusals('critical'))], [refused + 1, 0])
})

t.test('gives the room back however a body ends', async (t) => {
  const { app } = await startApp(t, { env: SMALL })
  const large = 'x'.repeat(MIB)
  t.equal((await post(app, { type: 'x', payload: large })).statusCode, 202)
  t.equal((await post(app, `{"type":"x","payload":"${large}`)).statusCode, 400)
  t.equal((await post(app, { type: 'x', payload: large + large })).statusCode, 413)
  const chunked = await beginPost(t, app, '/api/v1/events', { ...JSON_TYPE, 'transfer-encoding': 'chunked' })
  for (let sent = 0; sent < 3; sent++) chunked.write(large)
  t.equal((await chunked.answer).statusCode, 413)
  const broken = await beginPost(t, app, '/api/v1/events', { ...JSON_TYPE, 'content-length': String(2 * MIB) })
  broken.write(large)
  await eventually('it is held', async () => await metric(app, held) > 0.9 * MIB)
  broken.hangUp()
  await eventually('nothing is held', async () => await metric(app, held) === 0)
})

t.test('a body that takes too long is answered 408, a stream is not', async (t) => {
  const { app } = await startApp(t, { env: { ...SMALL, BODY_TIMEOUT_MS: '1000' } })
  const stream = await beginPost(t, app, '/api/v1/events/batch', { 'content-type': 'application/x-ndjson' })
  stream.write('{"type":"x","payload":1}\n')
  const slow = await beginPost(t, app, '/api/v1/events', { ...JSON_TYPE, 'content-length': '100' })
  slow.write('{"type":')
  t.match(await slow.answer, {
    statusCode: 408,
    headers: { connection: 'close' },
    body: { type: 'urn:spillway:problem:body-timeout', status: 408, detail: /did not arrive within 1000 ms/ }
  })
  const silent = await beginPost(t, app, '/api/v1/events', { ...JSON_TYPE, 'content-length': '100' })
  t.equal((await silent.answer).statusCode, 408, 'one that sends nothing too')
  stream.write('{"type":"x","payload":2}\n')
  stream.end()
  t.match(await stream.answer, { statusCode: 202, body: { accepted: 2 } })
})

t.test('150 bodies of which the end never comes are bounded, and critical events are taken beside them', async (t) => {
  const redis = await startRedis(t)
  const service = await startMeteredService(t, { REDIS_URL: redis.url, ROLE: 'api' }, ['--max-old-space-size=512'])
  const port = Number(new URL(service.url).port)
  const head = `POST /api/v1/events/batch HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${
    16 * MIB
  }\r\n\r\n[`
  const chunk = Buffer.alloc(MIB, ' ')
  const sockets: Socket[] = []
  t.teardown(async () => { for (const socket of sockets) socket.destroy() })
  const answers: string[] = []
  const send = async () => {
    const socket = connect(port, '127.0.0.1')
    sockets.push(socket)
    socket.on('error', () => {})
    socket.on('data', (data: Buffer) => { answers.push(data.toString().slice(0, 12)) })
    const closed = new Promise((resolve) => { socket.once('close', resolve) })
    socket.write(head)
    for (let sent = 0; sent < 15 && !socket.destroyed; sent++)
      if (!socket.write(chunk)) await Promise.race([once(socket, 'drain'), closed])
  }
  const statuses: number[] = []
  const { peakBytes, result } = await service.measure(async () => {
    const progress = { isSending: true }
    const sending = Promise.allSettled(Array.from({ length: 150 }, send)).finally(() => { progress.isSending = false })
    do {
      const answer = await fetch(`${service.url}/api/v1/events`, {
        method: 'POST',
        headers: JSON_TYPE,
        body: '{"type":"x","payload":1,"priority":1}'
      })
      await answer.text()
      statuses.push(answer.status)
    } while (progress.isSending || statuses.length < 200)
    await sending
    return statuses.filter((status) => status !== 202)
  })
  t.strictSame(result, [], `${statuses.length} critical events`)
  t.ok(peakBytes < 600 * MIB, `${Math.round(peakBytes / MIB)} MiB at most`)
  t.ok(answers.length > 0 && answers.every((answer) => answer === 'HTTP/1.1 503'), 'the others are told to come back')
})

/** A Redis that stands still, and a service that waits for it. */
async function startWaitingApp (t: Parameters<typeof startApp>[0]) {
  const { app, redis } = await startApp(t, { env: { ...SMALL, REDIS_COMMAND_TIMEOUT_MS: '60000' } })
  await app.listen({ host: '127.0.0.1', port: 0 })
  const socket = connect((app.server.address() as AddressInfo).port, '127.0.0.1')
  socket.on('error', () => {})
  redis.pause()
  const gone = () => eventually('its connection is gone', async () => await metric(app, 'spillway_connections') === 0)
  return { app, redis, socket, gone }
}

const critical = (path: string, body: string) =>
  `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nX-Event-Priority: 1\r\nContent-Length: ${body.length}\r\n\r\n${body}`

const event = (payload: unknown) => JSON.stringify({ type: 'x', payload })

t.test('gives the room of a pipelined body back when its connection breaks before its turn', async (t) => {
  const { app, redis, socket } = await startWaitingApp(t)
  socket.write(critical('/api/v1/events', event(1)) + critical('/api/v1/events', event('x'.repeat(MIB))))
  await eventually('it is held', async () => await metric(app, held) > 0.9 * MIB)
  socket.destroy()
  redis.resume()
  await eventually('nothing is held', async () => await metric(app, held) === 0)
})

t.test('holds the room of a body whose sender has left for as long as it works on its events', async (t) => {
  const { app, redis, socket, gone } = await startWaitingApp(t)
  socket.write(critical('/api/v1/events/batch', `[${event('x'.repeat(MIB))}]`))
  await eventually('its event waits for Redis', () => app.backpressure.inTransit.count > 0)
  socket.destroy()
  await gone()
  t.ok(await metric(app, held) > 0.9 * MIB, 'the event takes memory whoever waits for the answer')
  redis.resume()
  await eventually('nothing is held', async () => await metric(app, held) === 0)
})

t.test('arrays of short events are bounded by what they become, also when their senders leave', async (t) => {
  const redis = await startRedis(t)
  const service = await startMeteredService(t, { REDIS_URL: redis.url, ROLE: 'api' }, ['--max-old-space-size=192'])
  const array = `[${'{},'.repeat(9_999)}{}]`
  const { peakBytes } = await service.measure(async () => {
    const send = async () => {
      const socket = connect(Number(new URL(service.url).port), '127.0.0.1')
      socket.on('error', () => {})
      const sent = new Promise((resolve) => {
        socket.once('close', resolve).write(critical('/api/v1/events/batch', array), resolve)
      })
      await sent
      return socket
    }
    for (let round = 0; round < 20; round++) {
      const sockets = await Promise.all(Array.from({ length: 40 }, send))
      // The service has begun with them when it answers what came later.
      await (await fetch(`${service.url}/api/v1/health/liveness`)).text()
      for (const socket of sockets) socket.destroy()
    }
    await eventually('there is room again', async () => {
      const answer = await fetch(`${service.url}/api/v1/events`, { method: 'POST', headers: JSON_TYPE, body: event(1) })
      await answer.text()
      return answer.status === 202
    })
  })
  t.ok(peakBytes < 450 * MIB, `${Math.round(peakBytes / MIB)} MiB at most`)
})
