import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import Fastify, { type FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import spillway from '../../app.ts'
import { beginPost, metric, post, startApp } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import { printedRoutes } from '../printed-routes.ts'
import { CLAIMS, ISSUER, providerEnv, startProvider, type Provider } from '../../rig/identity-provider.ts'
import { makeKey } from '../services/producer/setup.ts'
import { newKey } from '../../services/producer/key-text.ts'
import { freePort } from '../../rig/free-port.ts'
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

/** Asserts that every route of an app is closed to requests with these headers, except liveness and readiness. */
async function assertClosed (t: Test, app: FastifyInstance, headers: Record<string, string> = {}): Promise<void> {
  const requests = requestsOf(app)
  t.ok(requests.length > 40)
  for (const { method, url } of requests) {
    const { statusCode } = await app.inject({ method, url, headers })
    if (PUBLIC.test(url)) t.ok([200, 503].includes(statusCode), `${method} ${url}: ${statusCode}`)
    else t.equal(statusCode, 401, `${method} ${url}`)
  }
}

t.test('with a key, every route without one answers 401, except liveness and readiness', async (t) => {
  const { key, record } = makeKey()
  const path = join(t.testdir({ 'keys.json': JSON.stringify([record]) }), 'keys.json')
  const { lines, log } = capturedLog('trace')
  const { app } = await startApp(t, { redis, log, env: { ROLE: 'all', API_KEYS_FILE: path, HOST: '0.0.0.0' } })
  await assertClosed(t, app)

  await t.test('the key opens the routes of its scope only', async (t) => {
    t.equal((await post(app, EVENT, bearer(key))).statusCode, 202)
    t.equal((await app.inject({ url: '/api/v1/events/x', headers: bearer(key) })).statusCode, 404)
    const refused = await app.inject({ url: '/api/v1/dead-letters', headers: bearer(key) })
    t.match(refused.json(), { status: 403, reason: 'scope', detail: /scope read/ })
    t.equal((await post(app, EVENT, bearer(newKey().key))).statusCode, 401)
  })

  await t.test('a change of the file is in force without a restart', async (t) => {
    const other = makeKey({ scopes: ['admin'], organizationId: undefined })
    await writeFile(path, JSON.stringify([other.record]))
    await eventually('the new key works', async () =>
      (await app.inject({ url: '/api/v1/dead-letters', headers: bearer(other.key) })).statusCode === 200)
    t.equal((await post(app, EVENT, bearer(key))).statusCode, 401)
    const action = { method: 'POST', url: '/api/v1/metrics/backpressure/reset' } as const
    t.equal((await app.inject({ ...action, headers: bearer(other.key) })).statusCode, 200)
    const actions = lines.filter(({ event }) => event === 'operator-action')
    t.match(actions, [{ key: other.record.id, name: other.record.name }])
    const all = JSON.stringify(lines)
    for (const secret of [key, other.key]) t.notOk(all.includes(secret.slice(17)), 'no line has the secret')
  })
})

t.test('with an identity provider alone, every route needs a token with its scope', async (t) => {
  const provider = await startProvider(t)
  const { lines, log } = capturedLog('trace')
  const open = { HOST: '0.0.0.0', ALLOW_ANONYMOUS_PRODUCERS: 'true' }
  const env = { ROLE: 'all', NAMESPACE: 'provider', ...open, ...providerEnv(provider) }
  const { app } = await startApp(t, { redis, log, env })
  await assertClosed(t, app)
  await assertClosed(t, app, bearer(await provider.sign({ ...CLAIMS, aud: 'another service' })))
  const token = await provider.sign()
  const forms = { 'X-API-Key': { 'x-api-key': token }, password: { authorization: `Basic ${btoa(`a:${token}`)}` } }
  for (const [form, headers] of Object.entries(forms))
    t.equal((await app.inject({ url: '/api/v1/events/x', headers })).statusCode, 401, form)

  t.equal((await post(app, EVENT, bearer(token))).statusCode, 202)
  t.equal((await post(app, EVENT, bearer(token))).statusCode, 202, 'and again, from memory')
  const letters = await app.inject({ url: '/api/v1/dead-letters', headers: bearer(token) })
  t.match(letters.json(), { status: 403, reason: 'scope' })
  const reader = bearer(await provider.sign({ scope: 'read' }))
  t.equal((await app.inject({ url: '/api/v1/dead-letters', headers: reader })).statusCode, 200)
  const nameless = await post(app, EVENT, bearer(await provider.sign({ scope: 'ingest', spillway_types: 'order' })))
  t.match(nameless.json(), { status: 403, reason: 'unfit-claims', errors: [{ field: 'spillway_types' }] })

  const operator = bearer(await provider.sign({ sub: 'ada\u202e', scope: 'admin' }))
  const action = { method: 'POST', url: '/api/v1/metrics/backpressure/reset', headers: operator } as const
  t.equal((await app.inject(action)).statusCode, 200)
  const actions = lines.filter(({ event }) => event === 'operator-action')
  t.match(actions, [{ key: 'jwt:ada\u202e', name: 'jwt:ada\u202e', issuer: ISSUER }])
  const all = JSON.stringify(lines)
  for (const secret of [token, operator.authorization])
    t.notOk(all.includes(secret.slice(-40)), 'no line has the token')
})

t.test('a start without the provider works; its tokens are answered 503 until the key set is known', async (t) => {
  const port = await freePort()
  const { lines, log } = capturedLog('trace')
  const env = { HOST: '0.0.0.0', NAMESPACE: 'away', ...providerEnv({ url: `http://127.0.0.1:${port}/jwks.json` }) }
  const { app } = await startApp(t, { redis, log, env })
  const early = await startProvider(t)
  const token = await early.sign()
  const answer = await post(app, EVENT, { ...bearer(token), 'x-event-priority': '1' })
  t.match([answer.statusCode, answer.headers['retry-after'], answer.json().reason], [503, '5', 'keys-unavailable'])
  t.equal((await post(app, EVENT)).statusCode, 401, 'without a token nothing is open')
  t.equal((await post(app, EVENT, bearer('a.b.c'))).statusCode, 401)
  t.match(lines.filter(({ event }) => event === 'key-set-not-read'), [{ err: { message: 'ECONNREFUSED' } }])
  t.equal(await metric(app, 'spillway_identity_provider_away'), 1)
  t.ok(Number.isNaN(await metric(app, 'spillway_key_set_age_seconds')))

  const provider = await startProvider(t, port)
  const known = await provider.sign()
  await eventually('the key set is read', async () => (await post(app, EVENT, bearer(known))).statusCode === 202)
  t.equal(await metric(app, 'spillway_identity_provider_away'), 0)
  t.equal(await metric(app, 'spillway_known_keys{source="provider"}'), 1)
  provider.answer = () => ({ status: 503, body: '' })
  await eventually('the provider is away', async () => await metric(app, 'spillway_identity_provider_away') === 1)
  t.equal((await post(app, EVENT, bearer(known))).statusCode, 202, 'known keys stay')
  t.equal((await post(app, EVENT, bearer(await provider.sign()))).statusCode, 202)
})

t.test('a key set that may not be read stops the start', async (t) => {
  const provider = await startProvider(t)
  await t.rejects(startApp(t, { redis, env: { ...providerEnv(provider), OUTBOUND_NETWORKS: 'public' } }), {
    code: 'JWT_JWKS_URL_INVALID', message: /^JWT_JWKS_URL: .*OUTBOUND_NETWORKS/
  })
  t.equal(provider.calls.length, 0)
})

t.test('each refused request is counted with its cause', async (t) => {
  const provider = await startProvider(t)
  const old = makeKey({ expiresAt: '2020-01-01T00:00:00Z' })
  const bound = makeKey({ scopes: ['ingest', 'read'] })
  const path = join(t.testdir({ 'keys.json': JSON.stringify([old.record, bound.record]) }), 'keys.json')
  const own = { API_KEYS_FILE: path, KEY_MAX_REQUESTS: '1', NAMESPACE: 'counted' }
  const env = { ROLE: 'all', ...own, ...providerEnv(provider) }
  const { app } = await startApp(t, { redis, env })
  const seconds = Math.floor(Date.now() / 1_000)
  const begin = () =>
    beginPost(t, app, '/api/v1/events', {
      ...bearer(bound.key), 'content-type': 'application/json', 'content-length': '9'
    })
  const both = [await begin(), await begin()]
  t.match(await Promise.race(both.map(({ answer }) => answer)), { statusCode: 429 }, 'the later of two')
  t.equal(await metric(app, 'spillway_producers_refused_total{reason="key-busy"}'), 1)
  for (const { hangUp } of both) hangUp()
  await eventually('both are over', async () => (await post(app, EVENT, bearer(bound.key))).statusCode === 202)
  const asked: [cause: string, status: number, headers: Record<string, string>, url?: string][] = [
    ['missing', 401, {}],
    ['wrong', 401, bearer(newKey().key)],
    ['expired', 401, bearer(old.key)],
    ['expired', 401, bearer(await provider.sign({ ...CLAIMS, exp: seconds - 60 }))],
    ['unverifiable', 503, bearer(await early(provider))],
    ['unfit-claims', 403, bearer(await provider.sign({ scope: 'ingest' }))],
    ['scope', 403, bearer(bound.key), '/api/v1/keys'],
    ['organization-mismatch', 403, bearer(bound.key), '/api/v1/dashboard/stream']
  ]
  for (const [cause, status, headers, url = '/api/v1/events/x'] of asked) {
    const series = `spillway_producers_refused_total{reason="${cause}"}`
    const before = await metric(app, series)
    t.equal((await app.inject({ url, headers })).statusCode, status, cause)
    t.equal(await metric(app, series), before + 1, cause)
  }
  const [wrong, expired] = await Promise.all([newKey().key, old.key].map((key) => post(app, EVENT, bearer(key))))
  t.strictSame(wrong?.json(), expired?.json(), 'the answer does not tell that a key existed')
})

/** A token of a key that the service has not read yet. */
async function early (provider: Provider): Promise<string> {
  await provider.addKey('next')
  const token = await provider.sign({ ...CLAIMS, iat: Math.floor(Date.now() / 1_000) + 60 }, { kid: 'next' })
  provider.removeKey('next')
  return token
}

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
