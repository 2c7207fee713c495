import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'
import t, { type Test } from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { startMeteredService } from '../../rig/metered-service.ts'
import { rawConnection } from '../../rig/raw-connection.ts'
import { startRedis } from '../../rig/redis.ts'

/** A service whose heap is small, so that what is not bounded ends it. */
const SMALL_HEAP = ['--max-old-space-size=192']
/** The heap, and as much again for buffers and code. */
const MOST_BYTES = 450_000_000

/** An NDJSON stream on a connection of its own. */
class OpenStream {
  readonly request: ClientRequest
  readonly answer: Promise<
    { status: number | undefined, headers: IncomingMessage['headers'], body: Record<string, unknown> }
  >

  constructor (url: string, headers: Record<string, string> = {}) {
    this.request = request(`${url}/api/v1/events/batch`, {
      method: 'POST', agent: false, headers: { 'content-type': 'application/x-ndjson', ...headers }
    })
    // A stream that is answered early may be hung up on.
    this.request.on('error', () => {})
    this.answer = (once(this.request, 'response') as Promise<[IncomingMessage]>).then(async ([incoming]) => ({
      status: incoming.statusCode, headers: incoming.headers, body: await json(incoming) as Record<string, unknown>
    }))
    this.answer.catch(() => {})
  }

  /** Sends as much as the service takes, until all is sent or it has answered. */
  async send (text: string, times: number): Promise<this> {
    const over = this.answer.then(() => true, () => true)
    for (let sent = 0; sent < times && !this.request.destroyed; sent++) {
      if (
        !this.request.write(text) &&
        await Promise.race([once(this.request, 'drain').then(() => false, () => true), over])
      ) break
    }
    return this
  }
}

function postCritical (url: string): Promise<Response> {
  return fetch(`${url}/api/v1/events`, {
    method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"type":"x","payload":1,"priority":1}'
  })
}

t.test('lines that quote a megabyte each, on many streams at once, are answered in little memory', async (t) => {
  const redis = await startRedis(t)
  const service = await startMeteredService(t, { REDIS_URL: redis.url }, SMALL_HEAP)
  const line = `{"${'k'.repeat(1_000_000)}":1}\n`
  const { result, peakBytes } = await service.measure(async () => {
    const streams = await Promise.all(Array.from({ length: 10 }, () => new OpenStream(service.url).send(line, 40)))
    for (const { request } of streams) request.end()
    return await Promise.all(streams.map(({ answer }) => answer))
  })
  for (const { status, body } of result) {
    t.match({ status, body }, { status: 400, body: { invalid: 40 } })
    t.ok(JSON.stringify(body).length < 40 * 1_000)
  }
  t.ok(peakBytes < MOST_BYTES, `${Math.round(peakBytes / 1e6)} MB`)
})

t.test('lines that are no events, on hundreds of connections, end their streams', async (t) => {
  const redis = await startRedis(t)
  const service = await startMeteredService(t, { REDIS_URL: redis.url, STREAM_MAX_OPEN: '200' }, SMALL_HEAP)
  const critical: number[] = []
  const { result, peakBytes } = await service.measure(async () => {
    const streams = await Promise
      .all(Array.from({ length: 400 }, () => new OpenStream(service.url).send('1\n'.repeat(10_000), 1)))
    await Promise.all(Array.from({ length: 50 }, async () => critical.push((await postCritical(service.url)).status)))
    // They do not end: each is answered all the same.
    return await Promise.all(streams.map(({ answer }) => answer))
  })
  t.ok(critical.length === 50 && critical.every((status) => status === 202), 'critical events beside them are stored')
  const ended = result.filter(({ status }) => status === 400)
  t.ok(ended.length >= 150, `${ended.length} streams were read`)
  for (const { headers, body } of ended) {
    t.match(body, { invalid: 1_000, stoppedAfterLine: 1_000, stopReason: 'too-many-invalid' })
    t.equal(headers.connection, 'close')
  }
  t.ok(peakBytes < MOST_BYTES, `${Math.round(peakBytes / 1e6)} MB`)
})

t.test('streams beyond the limit are refused with the time to come again, those of critical events later than others', async (t) => {
  const redis = await startRedis(t)
  const service = await startMeteredService(t, { REDIS_URL: redis.url, STREAM_MAX_OPEN: '8' })
  const post = async (body: string, headers: Record<string, string>) =>
    await fetch(`${service.url}/api/v1/events/batch`, { method: 'POST', headers, body })
  const event = '{"type":"x","payload":1}'
  const ndjson = { 'content-type': 'application/x-ndjson' }
  const streams = await Promise.all(Array.from({ length: 6 }, () => new OpenStream(service.url).send(`${event}\n`, 1)))
  await eventually('they are open', async () =>
    /^spillway_streams 6$/m.test(await (await fetch(`${service.url}/api/v1/metrics/prometheus`)).text()))
  const refused = await post(`${event}\n`, ndjson)
  t.equal(refused.status, 503)
  t.ok(Number(refused.headers.get('retry-after')) >= 1)
  t.match(await refused.json(), {
    reason: 'too-many-streams',
    accepted: 0,
    retryAfterSeconds: Number,
    detail: /limit of open streams/
  })
  t.equal(
    (await post(`${event}\n`, { ...ndjson, 'x-event-priority': '1' })).status,
    202,
    'a critical stream finds room'
  )
  t.equal((await post(`[${event}]`, { 'content-type': 'application/json' })).status, 202, 'an array needs none')
  const connection = await rawConnection(t, service.url)
  connection.socket
    .write('POST /api/v1/events/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n')
  await eventually('it is refused before its first line', () => connection.statuses().length === 1)
  t.strictSame(connection.statuses(), [503])
  for (const { request } of streams) request.end()
  t.strictSame(
    (await Promise.all(streams.map(({ answer }) => answer))).map(({ status }) => status),
    Array.from({ length: 6 }, () => 202)
  )
  t.equal((await post(`${event}\n`, ndjson)).status, 202, 'a slot is free again')
})

t.test('valid lines of many streams wait in little memory while the queue hangs, and none is lost', async (t) => {
  const redis = await startRedis(t)
  // The queue passes for known for as long as this takes, so nothing but the window holds the streams back.
  const service = await startMeteredService(t, {
    REDIS_URL: redis.url,
    REDIS_COMMAND_TIMEOUT_MS: '60000',
    QUEUE_SAMPLE_INTERVAL_MS: '10000'
  }, SMALL_HEAP)
  const line = `{"type":"x","payload":"${'x'.repeat(60_000)}"}\n`
  const { result, peakBytes } = await service.measure(async () => {
    redis.pause()
    const streams = Array.from({ length: 40 }, () => new OpenStream(service.url))
    const sent = Promise.all(streams.map((stream) => stream.send(line, 200)))
    let before = 0
    let timesAlike = 0
    await eventually('nothing moves any more', () => {
      const now = streams.reduce((sum, { request }) => sum + (request.socket?.bytesWritten ?? 0), 0)
      timesAlike = now === before ? timesAlike + 1 : 0
      before = now
      return timesAlike > 20
    })
    redis.resume()
    await sent
    for (const { request } of streams) request.end()
    return await Promise.all(streams.map(({ answer }) => answer))
  })
  t.strictSame(result.map(({ body }) => body.accepted), Array.from({ length: 40 }, () => 200))
  t.ok(peakBytes < MOST_BYTES, `${Math.round(peakBytes / 1e6)} MB`)
})

/** A service that has so many events in its queue that streams of others have to wait. */
async function startWithWaitingStreams (t: Test) {
  const redis = await startRedis(t)
  const service = await startMeteredService(t, {
    REDIS_URL: redis.url, ROLE: 'api', QUEUE_RECOVERY_THRESHOLD: '1', QUEUE_WARNING_THRESHOLD: '2'
  }, SMALL_HEAP)
  for (let posted = 0; posted < 3; posted++) await (await postCritical(service.url)).text()
  await eventually('streams have to wait', async () => {
    const answer = await fetch(`${service.url}/api/v1/metrics/queue/summary`)
    return (await answer.json() as { queueDepth: number }).queueDepth === 3
  })
  return service
}

t.test('streams that have to wait, in chunks of one byte, take little memory', async (t) => {
  const service = await startWithWaitingStreams(t)
  const { result, peakBytes } = await service.measure(async () => {
    const streams = await Promise.all(Array.from({ length: 50 }, () => rawConnection(t, service.url)))
    for (const { socket } of streams) {
      socket
        .write('POST /api/v1/events/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\nTransfer-Encoding: chunked\r\n\r\n')
      socket.write('1\r\n \r\n'.repeat(70_000))
    }
    await Promise
      .all(streams.map(async ({ statuses }) => await eventually('it is answered', () => statuses().length === 1)))
    return streams.map(({ statuses }) => statuses()[0])
  })
  t.strictSame(new Set(result), new Set([400]))
  t.ok(peakBytes < MOST_BYTES, `${Math.round(peakBytes / 1e6)} MB`)
})

t.test('bodies of requests behind streams that have to wait take little memory', async (t) => {
  const service = await startWithWaitingStreams(t)
  const head = (path: string, type: string, bytes: number) =>
    `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\nContent-Length: ${bytes}\r\n\r\n`
  const stream = `${head('/api/v1/events/batch', 'application/x-ndjson', 1)}\n`
  const event = JSON.stringify({ type: 'x', payload: 'x'.repeat(60_000) })
  const requests = Buffer.from(stream + (head('/api/v1/events', 'application/json', event.length) + event).repeat(90))
  const { result, peakBytes } = await service.measure(async () => {
    const connections = await Promise.all(Array.from({ length: 45 }, () => rawConnection(t, service.url)))
    const over = connections.map(({ socket, ended }) =>
      Promise.race([
        new Promise((resolve) => {
          socket.write(requests, resolve)
        }),
        ended
      ])
    )
    await Promise.all(over)
    const answer = await postCritical(service.url)
    await answer.text()
    for (const { socket } of connections) socket.destroy()
    return answer.status
  })
  t.equal(result, 202, 'a critical event beside them is stored')
  t.ok(peakBytes < MOST_BYTES, `${Math.round(peakBytes / 1e6)} MB`)
})
