import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startServer } from '../../rig/spawned-server.ts'

/** Three times what Node asks the system for. */
const CLIENTS = 1_500

t.test('clients that come while the process is busy are connected, and served once it is not', async (t) => {
  const allowed = Number(await readFile('/proc/sys/net/core/somaxconn', 'latin1').catch(() => '0'))
  if (allowed < CLIENTS) return t.pass('the system allows no longer backlog')
  const redis = await startRedis(t)
  const { url, child } = await startServer(t, { REDIS_URL: redis.url, ROLE: 'api' })
  child.kill('SIGSTOP')
  let connected = 0
  let answered = 0
  const sockets: Socket[] = Array.from({ length: CLIENTS }, () => connect(Number(new URL(url).port), '127.0.0.1'))
  t.teardown(() => { for (const socket of sockets) socket.destroy() })
  for (const socket of sockets) {
    socket.once('connect', () => { connected++ }).once('data', () => { answered++ })
    socket.write('GET /api/v1/health/liveness HTTP/1.1\r\nHost: localhost\r\n\r\n')
  }
  await eventually('all are connected', () => connected === CLIENTS)
  child.kill('SIGCONT')
  await eventually('all are answered', () => answered === CLIENTS)
  const last = connect(Number(new URL(url).port), '127.0.0.1')
  t.teardown(() => { last.destroy() })
  await once(last, 'connect')
})
