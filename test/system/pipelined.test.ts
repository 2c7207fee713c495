import t from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { startMeteredService } from '../../rig/metered-service.ts'
import { rawConnection } from '../../rig/raw-connection.ts'
import { startRedis } from '../../rig/redis.ts'

const READ_BYTES = 65_536
const MOST_CPU_MS = 100
const MOST_TURN_MS = 50
const UNREAD = 400
const FLOODING = 150
const FLOODED_HEAP_MB = 192
const MOST_FLOODED_BYTES = 450_000_000
const MOST_UNREAD_BYTES = 150_000_000

const PATHS = [
  '/docs/js/scalar.js', '/openapi.json', '/docs/', '/api/v1/metrics/prometheus', '/dashboard', '/dashboard/main.js',
  '/api/v1/health/liveness', '/api/v1/metrics/queue', '/nowhere'
]

const redis = await startRedis(t)
const service = await startMeteredService(t, { REDIS_URL: redis.url })

t.test('64 KB of pipelined requests cost little, and stop nobody', async (t) => {
  for (const path of PATHS) {
    const get = `GET ${path} HTTP/1.1\r\nHost:x\r\n\r\n`
    const text = get.repeat(Math.floor(READ_BYTES / get.length))
    const bounds = { mostCpuMs: MOST_CPU_MS, mostTurnMs: MOST_TURN_MS }
    const { cpuMs, longestTurnMs, result } = await service.measureWithin(bounds, async () => {
      const connection = await rawConnection(t, service.url)
      connection.socket.write(text)
      await connection.ended
      // The cost of the end is part of it.
      t.equal((await fetch(`${service.url}/api/v1/health/liveness`)).status, 200)
      return connection
    })
    t.ok(cpuMs < MOST_CPU_MS, `${path}: ${cpuMs.toFixed()} ms of CPU`)
    t.ok(longestTurnMs < MOST_TURN_MS, `${path}: ${longestTurnMs.toFixed()} ms in one turn`)
    t.equal(result.statuses()[0], path === '/nowhere' ? 404 : 200)
    t.match(result.text(), /connection: close/i)
  }
})

t.test('the same on many connections at once ends nothing, and a producer beside them is served', async (t) => {
  const flooded = await startMeteredService(t, { REDIS_URL: redis.url }, [`--max-old-space-size=${FLOODED_HEAP_MB}`])
  const event = JSON.stringify({ type: 'x', payload: 1, priority: 1 })
  const producer = await rawConnection(t, flooded.url)
  const post = async (count: number) => {
    producer.socket
      .write(`POST /api/v1/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${event.length}\r\n\r\n${event}`)
    await eventually('the event is answered', () => producer.statuses().length === count)
  }
  await post(1)
  const get = 'GET /nowhere HTTP/1.1\r\nHost:\r\n\r\n'
  const text = Buffer.from(get.repeat(Math.floor(READ_BYTES / get.length)))
  const { peakBytes } = await flooded.measure(async () => {
    const connections = await Promise.all(Array.from({ length: FLOODING }, () => rawConnection(t, flooded.url)))
    // All of it is there in one turn.
    flooded.child.kill('SIGSTOP')
    await Promise.all(connections.map(({ socket }) => new Promise((resolve) => { socket.write(text, resolve) })))
    flooded.child.kill('SIGCONT')
    for (let count = 2; count <= 20; count++) await post(count)
    await Promise.all(connections.map(({ ended }) => ended))
  })
  t.strictSame(new Set(producer.statuses()), new Set([202]))
  t.ok(peakBytes < MOST_FLOODED_BYTES, `${Math.round(peakBytes / 1_000_000)} MB`)
  t.equal((await fetch(`${flooded.url}/api/v1/health/liveness`)).status, 200)
  t.equal(flooded.child.exitCode, null)
})

t.test('clients that do not read an answer of 4.8 MB hold no copies of it', async (t) => {
  const get = 'GET /docs/js/scalar.js HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const nothing = await service.measure(async () => {})
  const { peakBytes } = await service.measure(async () => {
    const connections = await Promise.all(Array.from({ length: UNREAD }, () => rawConnection(t, service.url)))
    for (const { socket } of connections) socket.pause().write(get)
    // A request after them is answered after them.
    t.equal((await fetch(`${service.url}/api/v1/health/liveness`)).status, 200)
    for (const { socket } of connections) socket.destroy()
  })
  const grownBytes = peakBytes - nothing.peakBytes
  t.ok(grownBytes < MOST_UNREAD_BYTES, `${Math.round(grownBytes / 1_000_000)} MB`)
})
