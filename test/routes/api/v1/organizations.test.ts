import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis } from '../../../../rig/redis.ts'
import { eventHandler, post, postBatch, startApp } from '../../../app.ts'
import { makeKey } from '../../../services/producer/setup.ts'

const redis = await startRedis(t)

const ADMIN = makeKey({ organizationId: undefined, scopes: ['read'] })
const ACME = makeKey({ scopes: ['read', 'ingest'] })
const GLOBEX = makeKey({ organizationId: 'globex', scopes: ['read', 'ingest'] })
const POSTER = makeKey({ scopes: ['ingest'] })

let started = 0

async function start (t: Test, env: Record<string, string> = {}): Promise<FastifyInstance> {
  return (await startApp(t, { redis, env: { NAMESPACE: `organizations-${started++}`, ...env } })).app
}

async function startWithKeys (t: Test): Promise<FastifyInstance> {
  const records = [ADMIN, ACME, GLOBEX, POSTER].map(({ record }) => JSON.parse(JSON.stringify(record)) as object)
  return start(t, { API_KEYS_FILE: join(t.testdir({ 'keys.json': JSON.stringify(records) }), 'keys.json') })
}

const eventOf = (organizationId: string | undefined, more: object = {}) =>
  ({ type: 'x', payload: 1, organizationId, ...more })

async function ask (app: FastifyInstance, path = '', key?: string) {
  const headers = key === undefined ? {} : { 'x-api-key': key }
  const answer = await app.inject({ url: `/api/v1/organizations${path}`, headers })
  return { status: answer.statusCode, body: answer.json() }
}

/** Waits until so many events of an organization are in its statement. */
async function isBooked (app: FastifyInstance, organizationId: string, received: number, key?: string): Promise<void> {
  await eventually(`${received} events of ${organizationId} are booked`, async () =>
    (await ask(app, `/${encodeURIComponent(organizationId)}`, key)).body.ledger?.received === received)
}

t.test('lists the organizations of all replicas, the largest offer first', async (t) => {
  const namespace = { NAMESPACE: `organizations-${started++}` }
  const [app, other] = [await start(t, namespace), await start(t, namespace)]
  await app.inject({
    method: 'PATCH', url: '/api/v1/settings', payload: { quotas: {
      default: { eventsPerSecond: 1_000 }, organizations: { acme: { eventsPerSecond: 0.01, burst: 4, weight: 2 } }
    } }
  })
  await eventually('the other one follows', () => other.settings.current.version === app.settings.current.version)
  await postBatch(app, Array.from({ length: 6 }, () => eventOf('acme')))
  await postBatch(other, Array.from({ length: 30 }, () => eventOf('globex/ü')))
  await post(other, eventOf('globex/ü', { id: 'once' }))
  await post(other, eventOf('globex/ü', { id: 'once' }))
  await post(other, eventOf(undefined))
  await isBooked(app, 'acme', 6)
  await isBooked(app, 'globex/ü', 32)
  const { status, body } = await eventually('the nameless one is booked', async () => {
    const answer = await ask(app)
    return answer.body.organizations.length === 3 && answer
  })
  t.equal(status, 200)
  const names = body.organizations.map(({ organizationId }: { organizationId: string }) => organizationId)
  t.strictSame(names, ['globex/ü', 'acme', ''])
  const [globex, acme] = body.organizations
  t.match(globex, {
    queued: 31, weight: 1, share: null, quota: { eventsPerSecond: 1_000, burst: 1_000 },
    ledger: { received: 32, enqueued: 31, duplicate: 1, quota: 0, shed: 0 }
  })
  t.match(acme, {
    queued: 4, weight: 2, quota: { eventsPerSecond: 0.01, burst: 4 }, ledger: { received: 6, enqueued: 4, quota: 2 }
  })
  t.ok(acme.offeredPerSecond > acme.admittedPerSecond && acme.admittedPerSecond > acme.quotaRefusedPerSecond)
  t.equal(acme.refusedPerSecond.quota, acme.quotaRefusedPerSecond)
  t.strictSame((await ask(other, '?limit=1')).body.organizations.length, 1)
  t.match((await ask(app, '?limit=0&top=1')), { status: 400, body: { errors: [{ field: 'top' }, { field: 'limit' }] } })
  const { asOf, ...one } = (await ask(other, `/${encodeURIComponent('globex/ü')}`)).body
  t.match(one, { organizationId: 'globex/ü', queued: 31, ledger: { received: 32 } })
  t.ok(Date.parse(asOf) > 0)
})

t.test('lists a hundred organizations, or as many as asked for', async (t) => {
  const app = await start(t)
  await postBatch(app, Array.from({ length: 101 }, (_, index) => eventOf(`organization-${index}`)))
  await eventually('all are booked', async () => (await ask(app, '?limit=1000')).body.organizations.length === 101)
  t.equal((await ask(app)).body.organizations.length, 100)
})

t.test('an organization with a quota is known before it posts, and no other is', async (t) => {
  const app = await start(t)
  await app.inject({
    method: 'PATCH', url: '/api/v1/settings', payload: { quotas: { organizations: { acme: { eventsPerSecond: 5 } } } }
  })
  t.match(await ask(app, '/acme'), {
    status: 200, body: { offeredPerSecond: 0, queued: 0, quota: { eventsPerSecond: 5, burst: 5 }, ledger: null }
  })
  t.match(await ask(app, '/globex'), { status: 404, body: { type: 'urn:spillway:problem:not-found' } })
  t.match(await ask(app, '/__proto__'), { status: 404 })
})

t.test('a key that is bound to an organization sees that one alone', async (t) => {
  const app = await startWithKeys(t)
  const posted = async (event: object, key: string) => (await post(app, event, { 'x-api-key': key })).statusCode
  t.equal(await posted(eventOf(undefined), ACME.key), 202)
  t.equal(await posted(eventOf('globex'), ACME.key), 403)
  t.equal(await posted({ type: '' }, ACME.key), 400)
  t.equal(await posted(eventOf('globex'), GLOBEX.key), 202)
  await isBooked(app, 'acme', 3, ADMIN.key)
  await isBooked(app, 'globex', 1, ADMIN.key)
  const own = (await ask(app, '', ACME.key)).body
  t.strictSame(own.organizations.map(({ organizationId }: { organizationId: string }) => organizationId), ['acme'])
  t.notOk('others' in own)
  t.match((await ask(app, '/acme', ACME.key)), {
    status: 200, body: { ledger: { received: 3, enqueued: 1, invalid: 1, forbidden: 1 } }
  })
  const foreign = await ask(app, '/globex', ACME.key)
  t.equal(foreign.status, 404)
  t.strictSame(foreign, await ask(app, '/unknown', ACME.key), 'as if it did not exist')
  t.strictSame((await ask(app, '', ADMIN.key)).body.organizations.length, 2)
  t.match(await ask(app, '', POSTER.key), { status: 403, body: { reason: 'scope' } })
  t.equal((await ask(app)).status, 401)
})

t.test('an event that names another organization counts for that of its key', async (t) => {
  const app = await startWithKeys(t)
  t.equal((await post(app, eventOf('globex'), { 'x-api-key': ACME.key })).statusCode, 403)
  await isBooked(app, 'acme', 1, ADMIN.key)
  t.match((await ask(app, '/acme', ACME.key)).body.ledger, { received: 1, forbidden: 1 })
  t.equal((await ask(app, '/globex', GLOBEX.key)).body.ledger, null)
})

t.test('the statement follows events out of the queue', async (t) => {
  const handler = eventHandler(({ payload }) =>
    payload === 'bad' ? { status: 'dead', reason: 'bad' } : { status: 'done' })
  const app = (await startApp(t, {
    redis, env: { ROLE: 'all', NAMESPACE: `organizations-${started++}` }, handlers: [handler]
  })).app
  await postBatch(app, [eventOf('acme'), eventOf('acme', { payload: 'bad' }), eventOf('acme'), eventOf('globex')])
  const queue = async () => (await ask(app, '/acme')).body.ledger?.queue
  await eventually('all are handled', async () => {
    const { done, deadLettered } = await queue() ?? {}
    return done === 2 && deadLettered === 1
  })
  t.match(await ask(app, '/acme'), { body: { queued: 0, ledger: { received: 3, enqueued: 3 } } })
  await app.inject({ method: 'POST', url: '/api/v1/dead-letters/replay', payload: { filter: {} } })
  await eventually('the replayed one is handled again', async () => {
    const { returned, deadLettered } = await queue()
    return returned === 1 && deadLettered === 2
  })
  t.match(await ask(app, '/acme'), { body: { queued: 0, ledger: { received: 3, enqueued: 3 } } })
})

t.test('while Redis is away the figures are unavailable', async (t) => {
  const own = await startRedis(t)
  const { app } = await startApp(t, { redis: own })
  await own.kill()
  await eventually('the queue is lost', () => !app.backpressure.signals.isDepthKnown)
  for (const path of ['', '/acme']) {
    t.match(await ask(app, path), { status: 503, body: { type: 'urn:spillway:problem:queue-unavailable' } })
  }
})
