import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { metric, post, postBatch, startApp } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'

const redis = await startRedis(t)
const { app } = await startApp(t, { redis })

/** Less than any machine offers. */
const PER_SECOND = 8

const event = (organizationId: string, more: object = {}) => ({ type: 'x', payload: 1, organizationId, ...more })

async function patch (quotas: unknown, on: FastifyInstance = app) {
  const answer = await on.inject({ method: 'PATCH', url: '/api/v1/settings', payload: { quotas } })
  return { status: answer.statusCode, body: answer.json() }
}

t.test('a quota is set, changed, and given back to the default for one organization', async (t) => {
  const organizations = { acme: { eventsPerSecond: 2, burst: 3, weight: 2 } }
  t.match(await patch({ default: { eventsPerSecond: 1_000 }, organizations }), {
    status: 200, body: { settings: { quotas: { mode: 'true', enforcement: 'hard', whileAway: 'strict' } } }
  })
  t.match((await patch({ organizations: { acme: null, globex: { burst: 9 } } })).body.settings.quotas, {
    default: { eventsPerSecond: 1_000 }, organizations: { globex: { burst: 9 } }
  })
  const wrong = await patch({
    enforcement: 'firm', default: { eventsPerSecond: 0 }, organizations: { acme: { burst: 0, rate: 1 }, ['x'.repeat(257)]: {} }
  })
  t.equal(wrong.status, 400)
  t.strictSame(wrong.body.errors.map(({ field }: { field: string }) => field.slice(0, 40)).toSorted(), [
    'quotas.default.eventsPerSecond', 'quotas.enforcement', 'quotas.organizations.acme.burst', 'quotas.organizations.acme.rate',
    `quotas.organizations.${'x'.repeat(257)}`.slice(0, 40)
  ])
  t.equal((await patch(null)).status, 200)
})

t.test('answers tell what is left, and a refusal when to come back', async (t) => {
  await patch({ organizations: { acme: { eventsPerSecond: 0.01, burst: 3 } } })
  const first = await post(app, event('acme'))
  t.match(first, { statusCode: 202, headers: { 'ratelimit-policy': '"org";q=3;w=300', 'ratelimit': /^"org";r=2;t=\d+$/ } })
  t.equal((await post(app, event('globex'))).headers.ratelimit, undefined)
  const mixed = await postBatch(app, [event('acme'), event('acme'), event('acme')])
  t.match(mixed.json(), { accepted: 2, quota: 1, results: [{}, {}, { status: 'quota', reason: 'quota-exceeded' }] })
  const refused = await post(app, event('acme'))
  t.match(refused, { statusCode: 429, headers: { 'ratelimit-policy': '"org";q=3;w=300' } })
  t.match(refused.json(), { type: /#quota-exceeded$/, reason: 'quota-exceeded', detail: /quota of the organization is used up/ })
  for (const { headers } of [mixed, refused, await postBatch(app, [event('acme')])]) {
    const [, left, seconds] = /^"org";r=(\d+);t=(\d+)$/.exec(String(headers.ratelimit)) ?? []
    t.equal(left, '0')
    t.ok(Number(headers['retry-after']) >= Number(seconds))
  }
  const lines = [event('acme'), event('globex')].map((each) => JSON.stringify(each)).join('\n')
  const stream = await postBatch(app, lines, { 'content-type': 'application/x-ndjson' })
  t.match(stream.json(), { accepted: 1, results: [{ line: 1, status: 'quota', reason: 'quota-exceeded' }] })
  t.equal(await metric(app, 'spillway_quota_refused_total{priority_class="normal",reason="quota-exceeded"}'), 4)
})

t.test('duplicates are refunded', async (t) => {
  await patch({ organizations: { acme: { eventsPerSecond: 0.01, burst: 2 } } })
  await app.inject({ method: 'POST', url: '/api/v1/metrics/backpressure/reset' })
  for (let posted = 0; posted < 5; posted++) t.equal((await post(app, event('acme', { id: 'once' }))).statusCode, 202)
  t.equal((await post(app, event('acme'))).statusCode, 202)
  t.equal((await post(app, event('acme'))).statusCode, 429)
})

t.test('the log says which part of its quota an organization offers', async (t) => {
  const { log, lines } = capturedLog('warn')
  const { app } = await startApp(t, { log })
  await patch({ default: { eventsPerSecond: 20 } }, app)
  const near = await eventually('it is near its quota', async () => {
    await postBatch(app, Array.from({ length: 5 }, () => event('acme')))
    return lines.find(({ event }) => event === 'quota-near')
  })
  t.equal(near.organizationId, 'acme')
  t.ok(Number(near.percent) >= 80, `${near.percent} %`)
})

t.test('three replicas keep to a quota together', async (t) => {
  const others = [await startApp(t, { redis }), await startApp(t, { redis })]
  const fleet = [app, ...others.map(({ app }) => app)]
  await patch({ organizations: { acme: { eventsPerSecond: PER_SECOND } } })
  for (const each of fleet) {
    await eventually('it follows the quota', () => each.settings.current.version === app.settings.current.version)
    await eventually('it sees the others', () => each.queueMonitor.reading?.fleet.members.length === 3)
  }
  const reported = (each: FastifyInstance) => each.queueMonitor.reading?.fleet.members
    .filter(({ shares }) => Object.keys(shares?.['quota-exceeded'] ?? {}).length > 0).length
  const offer = async () => {
    const statuses = await Promise.all(fleet.flatMap((each) =>
      Array.from({ length: 10 }, async () => (await post(each, event('acme'))).statusCode)))
    return statuses.filter((status) => status === 202).length
  }
  await eventually('all replicas have reported', async () => {
    await offer()
    return fleet.every((each) => reported(each) === 3)
  })
  t.ok(await metric(app, 'spillway_organizations_near_quota') >= 1)
  const from = Date.now()
  let admitted = 0
  for (let rounds = 0; rounds < 30; rounds++) admitted += await offer()
  const seconds = (Date.now() - from) / 1_000
  // The burst comes on top, and on each replica one event that its share allows a part of.
  t.ok(admitted <= PER_SECOND * (1.2 * seconds + 1) + 3, `${admitted} in ${seconds} s`)
})
