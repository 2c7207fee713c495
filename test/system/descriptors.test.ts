import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { eventually } from '../../rig/eventually.ts'
import { rawConnection, type RawConnection } from '../../rig/raw-connection.ts'
import { startRedis } from '../../rig/redis.ts'
import { startServer, type SpawnedServer } from '../../rig/spawned-server.ts'

const HOG = join(import.meta.dirname, '../descriptor-hog.ts')
const OPEN_FILES = 512
const IDLE = 800
/** Longer than the interval of any timer that looks at the disk or at Redis. */
const SECONDS_WITHOUT = 3

const NOBODY = 'http://127.0.0.1:9/'

const EVENT = JSON.stringify({ type: 'x', payload: 1, priority: 1 })
const POST =
  `POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: ${EVENT.length}\r\n\r\n${EVENT}`

const post = async (url: string) => {
  const answer = await fetch(`${url}/api/v1/events`, {
    method: 'POST', headers: { 'content-type': 'application/json', connection: 'close' }, body: EVENT
  })
  await answer.arrayBuffer()
  return answer.status
}

const hasEnded = ({ log, child }: SpawnedServer) =>
  child.exitCode !== null || log.some(({ event }) => event === 'uncaught-error')

/** Opens connections that say nothing; resolves with those that were not closed at once. */
async function openIdle (t: Test, url: string): Promise<RawConnection[]> {
  const connections: RawConnection[] = []
  for (let opened = 0; opened < IDLE; opened++) connections.push(await rawConnection(t, url))
  const refused = new Set<RawConnection>()
  for (const connection of connections) void connection.ended.then(() => refused.add(connection))
  await eventually('those beyond the bound are closed', () => refused.size > IDLE / 4)
  return connections.filter((connection) => !refused.has(connection))
}

t.test('800 idle connections of 512 open files end nothing: who has a connection is served, and all are when they go', async (t) => {
  const redis = await startRedis(t)
  const server = await startServer(t, { REDIS_URL: redis.url, WITHOUT_HANDLER: 'discard' }, { openFiles: OPEN_FILES })
  const connections = await openIdle(t, server.url)
  t.ok(connections.length > OPEN_FILES / 2, `${connections.length} connections`)
  const posting = connections.slice(0, 100)
  for (const { socket } of posting) socket.write(POST)
  await eventually('all critical events are answered', () => posting.every(({ statuses }) => statuses().length > 0))
  t.strictSame(new Set(posting.flatMap(({ statuses }) => statuses())), new Set([202]))
  t.match(server.log.find(({ event }) => event === 'connection-ended'), { reason: 'too-many-connections', most: 428 })
  for (const { socket } of connections) socket.destroy()
  await eventually('it serves again', async () => await post(server.url) === 202)
  const page = await (await fetch(`${server.url}/api/v1/metrics/prometheus`)).text()
  t.match(page, /^spillway_connections_ended_total\{reason="too-many-connections"\} [1-9]/m)
  t.match(page, /^spillway_connections_max 428$/m)
  t.notOk(hasEnded(server))
})

t.test('nor do they in a process that is only a worker', async (t) => {
  const redis = await startRedis(t)
  const env = { REDIS_URL: redis.url, ROLE: 'worker', WITHOUT_HANDLER: 'discard' }
  const server = await startServer(t, env, { openFiles: OPEN_FILES })
  const connections = await openIdle(t, server.url)
  for (const { socket } of connections) socket.destroy()
  await eventually('it serves again', async () => (await fetch(`${server.url}/api/v1/health/readiness`)).ok)
  t.notOk(hasEnded(server))
})

t.test('without a single descriptor nothing ends either, though the embedded Redis dies meanwhile, and all comes back', async (t) => {
  const dataDir = await mkdtemp(join(tmpdir(), 'spillway-test-'))
  t.teardown(() => rm(dataDir, { recursive: true, force: true }))
  const options = { openFiles: 256, hasChannel: true, flags: ['--import', HOG] }
  const rules = join(t.testdir({ 'rules.json': '{"rules":[]}' }), 'rules.json')
  // All that looks at a disk or calls somebody from time to time.
  const env = {
    DATA_DIR: dataDir,
    RULES_FILE: rules,
    OTEL_EXPORTER_OTLP_ENDPOINT: NOBODY,
    OTEL_TRACES_SAMPLER_ARG: '1'
  }
  const owner = await startServer(t, env, options)
  const borrower = await startServer(t, { ...env, ROLE: 'worker', DELIVERY_URL: NOBODY }, options)
  const kept = await rawConnection(t, owner.url)
  for (const { child } of [owner, borrower]) child.send('take')
  const turns = async () => {
    await Promise.all([owner, borrower].map(async ({ child }) => {
      const ended = once(child, 'exit').then(() => { throw new Error('the process ended') })
      for (let second = 0; second < SECONDS_WITHOUT; second++) await Promise.race([once(child, 'message'), ended])
      ended.catch(() => {})
    }))
  }
  await turns()
  // They cannot be accepted.
  for (let count = 0; count < 20; count++) await rawConnection(t, owner.url)
  kept.socket.write(POST)
  process.kill(owner.log.find(({ event }) => event === 'embedded-redis-started')?.redisPid as number, 'SIGKILL')
  await turns()
  await eventually('the event is answered', () => kept.statuses().length === 1)
  t.match(String(kept.statuses()[0]), /^(202|503)$/)
  for (const server of [owner, borrower]) t.notOk(hasEnded(server))
  for (const { child } of [owner, borrower]) child.send('give')
  await eventually('it takes events again', async () => await post(owner.url) === 202)
  await eventually(
    'the worker reads the queue again',
    async () => (await fetch(`${borrower.url}/api/v1/health/readiness`)).ok
  )
  for (const server of [owner, borrower]) t.notOk(hasEnded(server))
  for (const server of [borrower, owner]) t.strictSame(await server.kill('SIGTERM'), { code: 0, signal: null })
})
