import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import spillway from '../../app.ts'
import { post, startApp } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import { printedRoutes } from '../printed-routes.ts'
import { makeKey } from '../services/producer/setup.ts'
import { newKey } from '../../services/producer/key-text.ts'
import { startRedis } from '../../rig/redis.ts'
import { eventually } from '../../rig/eventually.ts'

const bearer = (key: string) => ({ authorization: `Bearer ${key}` })
const EVENT = { type: 'order', payload: 1 }
const PUBLIC = /^\/api\/v1\/health\/(liveness|readiness)$/

const redis = await startRedis(t)

/** Method and URL of every route, with a text in place of its parameters. */
function requestsOf (app: FastifyInstance): { method: 'GET', url: string }[] {
  return printedRoutes(app).flatMap(({ methods, path }) => methods.map((method) =>
    ({ method: method as 'GET', url: path.replaceAll(/:\w+|\*/g, 'x') })))
}

t.test('with a key, every route without one answers 401, except liveness and readiness', async (t) => {
  const { key, record } = makeKey()
  const path = join(t.testdir({ 'keys.json': JSON.stringify([record]) }), 'keys.json')
  const { lines, log } = capturedLog('trace')
  const { app } = await startApp(t, { redis, log, env: { ROLE: 'all', API_KEYS_FILE: path, HOST: '0.0.0.0' } })
  const requests = requestsOf(app)
  t.ok(requests.length > 40)
  for (const { method, url } of requests) {
    const { statusCode } = await app.inject({ method, url })
    if (PUBLIC.test(url)) t.ok([200, 503].includes(statusCode), `${method} ${url}: ${statusCode}`)
    else t.equal(statusCode, 401, `${method} ${url}`)
  }

  await t.test('the key opens the routes of its scope only', async (t) => {
    t.equal((await post(app, EVENT, bearer(key))).statusCode, 202)
    t.equal((await app.inject({ url: '/api/v1/events/x', headers: bearer(key) })).statusCode, 404)
    const refused = await app.inject({ url: '/api/v1/dead-letters', headers: bearer(key) })
    t.match(refused.json(), { status: 403, reason: 'scope', detail: /scope read/ })
    t.equal((await post(app, EVENT, bearer(newKey().key))).statusCode, 401)
  })

  await t.test('a change of the file is in force without a restart', async (t) => {
    const other = makeKey({ scopes: ['admin'] })
    await writeFile(path, JSON.stringify([other.record]))
    await eventually('the new key works', async () =>
      (await app.inject({ url: '/api/v1/dead-letters', headers: bearer(other.key) })).statusCode === 200)
    t.equal((await post(app, EVENT, bearer(key))).statusCode, 401)
    const action = { method: 'POST', url: '/api/v1/metrics/backpressure/reset' } as const
    t.equal((await app.inject({ ...action, headers: bearer(other.key) })).statusCode, 200)
    t.match(lines.filter(({ event }) => event === 'operator-action'), [{ key: other.record.id, name: other.record.name }])
    const all = JSON.stringify(lines)
    for (const secret of [key, other.key]) t.notOk(all.includes(secret.slice(17)), 'no line has the secret')
  })
})

t.test('a route that declares no scope stops the boot', async (t) => {
  const { app: { config } } = await startApp(t, { redis })
  const host = Fastify()
  t.teardown(() => host.close())
  void host.register(async (scope) => {
    await spillway(scope, { config })
    scope.get('/undeclared', async () => 'open to everybody')
  })
  await t.rejects(async () => { await host.ready() }, /GET \/undeclared declares no scope/)
})

t.test('beyond loopback without a key the start fails and names the ways out', async (t) => {
  const own = await startRedis(t)
  await t.rejects(
    startApp(t, { redis: own, env: { HOST: '0.0.0.0', ADMIN_TOKEN: 'a token of operators' } }),
    /HOST=0\.0\.0\.0 .*API_KEYS_FILE.*ALLOW_ANONYMOUS_PRODUCERS=true/
  )
  const { app } = await startApp(t, { redis: own, env: { HOST: '0.0.0.0', ALLOW_ANONYMOUS_PRODUCERS: 'true' } })
  t.equal((await post(app, EVENT)).statusCode, 202)
})

t.test('keys in Redis are in force on every replica, and known ones outlive Redis', async (t) => {
  const own = await startRedis(t)
  const replicas = await Promise.all([1, 2, 3].map(async () => (await startApp(t, { redis: own })).app))
  const [first] = replicas as [FastifyInstance, ...FastifyInstance[]]
  const { key, record } = makeKey()
  const statusOn = async (app: FastifyInstance, secret: string, priority = '1') =>
    (await post(app, EVENT, { ...bearer(secret), 'x-event-priority': priority })).statusCode
  const allAnswer = (secret: string, status: number) => eventually(`all replicas answer ${status}`, async () =>
    (await Promise.all(replicas.map((app) => statusOn(app, secret)))).every((answer) => answer === status))

  t.equal(await first.keyStore.create(record), 'changed')
  t.equal(await statusOn(first, key), 202)
  t.equal((await post(first, EVENT)).statusCode, 401)
  await allAnswer(key, 202)
  t.equal(await first.keyStore.create(record), 'different', 'the id is taken')
  t.equal(await first.keyStore.delete(record.id), 'changed')
  await eventually('the key is revoked', async () =>
    (await Promise.all(replicas.map(async (app) => app.knownKeys.find(record.id) === undefined))).every(Boolean))
  for (const app of replicas) t.equal((await post(app, EVENT)).statusCode, 202, 'without any key all is as before')

  const kept = makeKey()
  await first.keyStore.create(kept.record)
  await first.keyStore.create(makeKey().record)
  await allAnswer(kept.key, 202)
  await first.redis.flushall()
  await eventually('the keys are back', async () => await first.redis.hlen(first.queue.keys.apiKeys) === 2)
  await own.stop()
  await eventually('Redis is lost', () => !first.backpressure.signals.isDepthKnown)
  t.equal(await statusOn(first, newKey().key), 503, 'another replica may have made it')
  t.equal((await post(first, EVENT)).statusCode, 401)
  t.match((await post(first, EVENT, bearer(kept.key))).json(), { status: 503, reason: 'queue-unavailable' })
})

t.test('a start with a key file works without Redis, and spools critical events of its keys only', async (t) => {
  const own = await startRedis(t)
  await own.stop()
  const { key, record } = makeKey()
  const path = join(t.testdir({ 'keys.json': JSON.stringify([record]) }), 'keys.json')
  const env = { API_KEYS_FILE: path, SPOOL_CLASSES: 'critical', HOST: '0.0.0.0' }
  const { app } = await startApp(t, { redis: own, env, awaitsQueue: false })
  const critical = (headers: Record<string, string>) => post(app, EVENT, { ...headers, 'x-event-priority': '1' })
  t.match((await critical(bearer(key))).json(), { status: 'accepted', durability: 'spooled' })
  t.match((await critical(bearer(newKey().key))).json(), { status: 503, reason: 'keys-unavailable' })
  t.equal((await critical({})).statusCode, 401)

  const beyond = { HOST: '0.0.0.0', SPOOL_CLASSES: 'critical' }
  const { app: keyless } = await startApp(t, { redis: own, env: beyond, awaitsQueue: false })
  t.equal((await post(keyless, EVENT, bearer(key))).statusCode, 503, 'Redis may hold keys')
  t.equal((await post(keyless, EVENT)).statusCode, 401)
})
