import t from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { rawConnection } from '../../rig/raw-connection.ts'
import { startRedis } from '../../rig/redis.ts'
import { startReadyServer, startServer } from '../../rig/spawned-server.ts'

const EVENT = JSON.stringify({ type: 'x', payload: 1 })
const post = (head: string) =>
  `POST /api/v1/events HTTP/1.1\r\n${head}\r\nContent-Type: application/json\r\nContent-Length: ${EVENT.length}\r\n\r\n${EVENT}`

const redis = await startRedis(t)
const { url } = await startReadyServer(t, { REDIS_URL: redis.url, ROLE: 'api' })

const depth = async () =>
  (await (await fetch(`${url}/api/v1/metrics/queue/summary`)).json() as { queueDepth: number }).queueDepth

t.test('an event that is followed by garbage keeps its 202, in the same write and in a later one', async (t) => {
  const together = await rawConnection(t, url)
  together.socket.write(`${post('Host: localhost')}GARBAGE\r\n\r\n`)
  await together.ended
  t.strictSame(together.statuses(), [202, 400])
  const apart = await rawConnection(t, url)
  apart.socket.write(post('Host: localhost'))
  apart.socket.write('GARBAGE\r\n\r\n')
  await apart.ended
  t.strictSame(apart.statuses(), [202, 400])
  t.match(apart.text(), /"title":"Bad Request","status":400/)
  await eventually('both are stored', async () => await depth() === 2)
})

t.test('pipelined events are all stored and answered in order', async (t) => {
  const connection = await rawConnection(t, url)
  const before = await depth()
  connection.socket.write(post('Host: localhost').repeat(40))
  await eventually('all are answered', () => connection.statuses().length === 40)
  t.strictSame(new Set(connection.statuses()), new Set([202]))
  await eventually('all are stored', async () => await depth() === before + 40)
})

t.test('a request that two readers may read differently is refused, and nothing of it is stored', async (t) => {
  const before = await depth()
  for (const head of [
    'Host: localhost\r\nHost: elsewhere', 'Host: localhost\r\nTransfer-Encoding: gzip',
    'Host: localhost\r\nTransfer-Encoding: chunked', 'Accept: */*'
  ]) {
    const connection = await rawConnection(t, url)
    connection.socket.write(post(head))
    await connection.ended
    t.strictSame(connection.statuses(), [400], head)
    t.match(connection.text(), 'application/problem+json', head)
  }
  t.equal(await depth(), before)
})

t.test('a request of an older version that carries chunks, of no version, or for no path is refused', async (t) => {
  const before = await depth()
  const chunks = `${EVENT.length.toString(16)}\r\n${EVENT}\r\n0\r\n\r\n`
  const fields = 'Host: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n'
  for (const text of [
    `POST /api/v1/events HTTP/1.0\r\n${fields}${chunks}`,
    'GET /api/v1/health/liveness\r\n\r\n',
    'GET * HTTP/1.1\r\nHost: localhost\r\n\r\n'
  ]) {
    const connection = await rawConnection(t, url)
    connection.socket.write(text)
    await connection.ended
    t.strictSame(connection.statuses(), [400], text)
  }
  t.equal(await depth(), before)
})

t.test('HUP and USR2 stop the process in order, as TERM does', async (t) => {
  for (const signal of ['SIGHUP', 'SIGUSR2'] as const) {
    const server = await startServer(t, { REDIS_URL: redis.url, ROLE: 'api', SHUTDOWN_DELAY_MS: '0' })
    t.strictSame(await server.kill(signal), { code: 0, signal: null }, signal)
    t.match(server.log.find(({ event }) => event === 'shutdown'), { signal })
  }
})
