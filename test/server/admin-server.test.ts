import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { startWithAdminPort } from '../admin-port.ts'
import { metric } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { rawConnection } from '../../rig/raw-connection.ts'
import { startRedis } from '../../rig/redis.ts'

const GET = 'GET /api/v1/health/liveness HTTP/1.1\r\nHost: localhost\r\n\r\n'

const redis = await startRedis(t)

t.test('neither port can take the connections of the other', async (t) => {
  const { spillway, url, adminUrl } = await startWithAdminPort(t, redis, { MAX_CONNECTIONS: '32' })
  const open = async (base: string, count: number) => {
    const connections = await Promise.all(Array.from({ length: count }, () => rawConnection(t, base)))
    for (const { socket } of connections) socket.write(GET)
    for (const connection of connections) {
      await eventually('it is answered', () => connection.statuses().join() === '200')
    }
    return connections
  }
  const isRefused = async (base: string) => { await (await rawConnection(t, base)).ended }
  const admin = await open(adminUrl, 2)
  await isRefused(adminUrl)
  await open(url, 30)
  await isRefused(url)
  admin[0]?.socket.destroy()
  await eventually('there is room', async () => await metric(spillway, 'spillway_connections') === 31)
  await open(adminUrl, 1)
  t.equal(await metric(spillway, 'spillway_connections_max'), 32)
  t.equal(await metric(spillway, 'spillway_connections_ended_total{reason="too-many-connections"}'), 2)
})

t.test('ADMIN_PORT bounds connections as PORT does: input that is not HTTP, and pipelined requests', async (t) => {
  const { adminUrl } = await startWithAdminPort(t, redis)
  const broken = await rawConnection(t, adminUrl)
  broken.socket.write(`${GET}nonsense\r\n\r\n`)
  await broken.ended
  t.strictSame(broken.statuses(), [200, 400])
  const pipelined = await rawConnection(t, adminUrl)
  pipelined.socket.write(GET.repeat(300))
  await pipelined.ended
  t.ok(pipelined.statuses().length < 200, `${pipelined.statuses().length} answers`)
})

t.test('a name of two addresses is bound on both', async (t) => {
  const { adminUrl } = await startWithAdminPort(t, redis, { ADMIN_HOST: 'localhost' })
  const { port } = new URL(adminUrl)
  t.equal((await fetch(`http://localhost:${port}/api/v1/health`)).status, 200)
  t.equal((await fetch(`http://127.0.0.1:${port}/api/v1/health`)).status, 200)
})

t.test('a stop closes both ports and lets requests of both finish', async (t) => {
  const { url, adminUrl, close } = await startWithAdminPort(t, redis)
  // Each has sent half of its request.
  const halves = await Promise.all([url, adminUrl].map(async (base) => {
    const connection = await rawConnection(t, base)
    const path = base === url ? '/api/v1/events' : '/api/v1/metrics/backpressure/reset'
    connection.socket.write(
      `POST ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 24\r\n\r\n{"type":"x",`
    )
    return connection
  }))
  const idle = await rawConnection(t, adminUrl)
  idle.socket.write(GET)
  await eventually('the idle one was answered', () => idle.statuses().join() === '200')
  const closed = close()
  await idle.ended
  for (const base of [url, adminUrl]) {
    await eventually(`${base} accepts no more`, () => fetch(base).then(() => false, () => true))
  }
  for (const { socket } of halves) socket.write('"payload":1}')
  await closed
  t.strictSame(halves.map((connection) => connection.statuses()), [[202], [200]])
  for (const { text } of halves) t.match(text(), /^connection: close\r$/im)
})

t.test('a port that is taken is an error with the key that sets it', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  await once(other, 'listening')
  t.teardown(() => other.close())
  const { port } = other.address() as AddressInfo
  await t.rejects(startWithAdminPort(t, redis, { ADMIN_PORT: String(port) }), { code: 'EADDRINUSE', port })
})
