import { mkdtemp, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { EXIT } from '../../cli/exit-code.ts'
import { metric, post as postTo, startApp } from '../app.ts'
import { listen, runCli } from '../cli/run-cli.ts'
import { openStream } from '../../rig/event-stream.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'

/**
 * A quota of three events of each organization, unless an operator sets another number. The policy has no other part:
 * no other file knows its reason or its setting.
 */
const POLICY = `
import { Type } from '${import.meta.resolve('@sinclair/typebox')}'

const REFUSED = { kind: 'quota', retry: { afterMs: 60_000 } }

export default {
  rank: 35,
  kind: 'quota',
  settings: {
    schema: Type.Object({ mostEvents: Type.Integer({ minimum: 1, description: 'Events of each organization' }) }),
    defaults: () => ({ mostEvents: 3 })
  },
  create: ({ settings }) => {
    const used = new Map<string, number>()
    let elsewhere = new Map()
    const usedBy = (organizationId) => (used.get(organizationId) ?? 0) + (elsewhere.get(organizationId) ?? 0)
    const count = ({ organizationId }, by: number) => {
      if (organizationId !== undefined) used.set(organizationId, (used.get(organizationId) ?? 0) + by)
    }
    return {
      judge: ({ organizationId }) => usedBy(organizationId) >= settings().mostEvents ? REFUSED : undefined,
      admitted: (offer) => count(offer, 1),
      settled: (offer, outcome) => { if (outcome !== 'stored') count(offer, -1) },
      report: () => Object.fromEntries(used),
      observe: (reading) => { elsewhere = reading },
      reset: () => { used.clear(); elsewhere = new Map() }
    }
  }
}
`

const REASON = 'three-events'
const TYPE = 'https://iana.org/assignments/http-problem-types#quota-exceeded'

const redis = await startRedis(t)
const folder = await mkdtemp(join(redis.folder, 'policies-'))
await writeFile(join(folder, `${REASON}.ts`), POLICY)
const { app } = await startApp(t, { redis, policyFolders: [folder] })

const event = (organizationId: string, more: object = {}) => ({ type: 'x', payload: 1, organizationId, ...more })
const cloudEvent = (organizationid: string, id: number) => ({
  specversion: '1.0', id: `${organizationid}-${id}`, source: '/test', type: 'x', organizationid, data: 1
})
const times = <T>(most: number, make: (index: number) => T): T[] =>
  Array.from({ length: most }, (_, index) => make(index))

async function post (path: string, type: string, payload: unknown, headers: Record<string, string> = {}) {
  const answer = await app.inject({
    method: 'POST', url: path, headers: { 'content-type': type, ...headers },
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload)
  })
  return { status: answer.statusCode, retryAfter: Number(answer.headers['retry-after'] ?? NaN), body: answer.json() }
}
const postOne = (payload: object) => post('/api/v1/events', 'application/json', payload)
const postArray = (payload: object[]) => post('/api/v1/events/batch', 'application/json', payload)

function refuses (t: Test, answer: Awaited<ReturnType<typeof post>>, claim: string) {
  t.equal(answer.status, 429, claim)
  t.match(
    answer.body,
    { type: TYPE, title: 'Too Many Requests', reason: REASON, retryAfterSeconds: answer.retryAfter },
    claim
  )
  t.ok(answer.retryAfter >= 60, 'not before the window ends')
}

t.test('single posts, plain and as CloudEvents, and readings are refused beyond the quota', async (t) => {
  const forms: [claim: string, send: (index: number) => ReturnType<typeof post>][] = [
    ['an event', () => postOne(event('single'))],
    ['a structured CloudEvent', (index) =>
      post('/api/v1/events', 'application/cloudevents+json', cloudEvent('structured', index))],
    ['a binary CloudEvent', (index) => post('/api/v1/events', 'application/json', 1, {
      'ce-specversion': '1.0', 'ce-id': `b${index}`, 'ce-source': '/test', 'ce-type': 'x', 'ce-organizationid': 'binary'
    })],
    ['a reading', () => post('/api/v1/datastreams', 'application/json', {
      deviceId: 'd', values: { a: 1 }, organizationId: 'reading'
    })]
  ]
  for (const [claim, send] of forms) {
    for (let index = 0; index < 3; index++) t.equal((await send(index)).status, 202, claim)
    refuses(t, await send(3), claim)
  }
})

t.test('events of arrays and batches are refused one by one', async (t) => {
  const mixed = await postArray(times(5, () => event('array')))
  t.match(mixed, { status: 207, body: { accepted: 3, shed: 0, quota: 2, invalid: 0 } })
  t.strictSame(mixed.body.results.map(({ status }: { status: string }) => status), [
    'accepted', 'accepted', 'accepted', 'quota', 'quota'
  ])
  t.match(mixed.body.results[4], { reason: REASON, retryAfterSeconds: Number })
  refuses(t, await postArray(times(2, () => event('array'))), 'an array of which nothing is stored')
  const batch = await post(
    '/api/v1/events/batch', 'application/cloudevents-batch+json', times(4, (index) => cloudEvent('batch', index))
  )
  t.match(batch, { status: 207, body: { accepted: 3, quota: 1 } })
})

t.test('lines of a stream are refused by their number', async (t) => {
  const lines = times(5, () => JSON.stringify(event('stream'))).join('\n')
  const answer = await post('/api/v1/events/batch', 'application/x-ndjson', lines)
  t.match(answer, { status: 207, body: { accepted: 3, quota: 2, results: [{ line: 4, reason: REASON }, { line: 5 }] } })
  refuses(t, await post('/api/v1/events/batch', 'application/x-ndjson', lines), 'a stream of which nothing is stored')
})

t.test('duplicates are refunded', async (t) => {
  for (let posted = 0; posted < 5; posted++) await postOne(event('repeats', { id: 'once' }))
  const twice = await postArray(times(2, () => event('repeats', { id: 'twice' })))
  t.match(twice.body, { accepted: 1, duplicate: 1 })
  t.equal((await postOne(event('repeats'))).status, 202)
  refuses(t, await postOne(event('repeats')), 'the fourth different one')
})

t.test('events that could not be stored are refunded', async (t) => {
  await app.redis.config('SET', 'min-replicas-to-write', '1')
  for (let posted = 0; posted < 4; posted++) t.equal((await postOne(event('lost'))).status, 503)
  await app.redis.config('SET', 'min-replicas-to-write', '0')
  await eventually('Redis takes writes again', async () => (await postOne(event('unlimited'))).status === 202)
  for (let posted = 0; posted < 3; posted++) t.equal((await postOne(event('lost'))).status, 202)
  refuses(t, await postOne(event('lost')), 'the fourth that was stored')
})

t.test('a critical event has a quota too', async (t) => {
  for (let posted = 0; posted < 3; posted++) await postOne(event('urgent', { priority: 1 }))
  refuses(t, await postOne(event('urgent', { priority: 1 })), 'priority 1')
})

t.test('the ledger balances, and metrics, the API description and the dashboard name the reason', async (t) => {
  const { ledger } = await eventually('the ledger has the refusals', async () => {
    const answer = await app.inject('/api/v1/metrics/ledger')
    const ledger = answer.json()
    return ledger.admission?.normal?.quota >= 10 && { ledger }
  })
  t.strictSame(ledger.imbalance, { admission: 0, queue: 0 })
  const metrics = (await app.inject('/api/v1/metrics/prometheus')).body
  t.match(metrics, new RegExp(`spillway_quota_refused_total\\{priority_class="normal",reason="${REASON}"\\} [1-9]`))
  const { paths } = (await app.inject('/openapi.json')).json()
  for (const path of ['/api/v1/events', '/api/v1/events/batch', '/api/v1/datastreams']) {
    t.match(JSON.stringify(paths[path].post.responses['429']), REASON, path)
  }
  t.ok(await dashboardNames(t, app), 'the dashboard')
})

t.test('its setting is in force as soon as it is changed, and returns to its default', async (t) => {
  const get = async () => (await app.inject('/api/v1/settings')).json()
  t.strictSame((await get()).settings[REASON], { mode: 'true', mostEvents: 3 })
  for (let posted = 0; posted < 3; posted++) await postOne(event('growing'))
  refuses(t, await postOne(event('growing')), 'the fourth')
  t.equal((await patch({ [REASON]: { mostEvents: 5 } })).statusCode, 200)
  for (let posted = 0; posted < 2; posted++) t.equal((await postOne(event('growing'))).status, 202)
  refuses(t, await postOne(event('growing')), 'the sixth')
  const wrong = await patch({ [REASON]: { mostEvents: 0, mode: 'perhaps', window: 7 } })
  t.equal(wrong.statusCode, 400)
  t.strictSame(wrong.json().errors.map(({ field }: { field: string }) => field).toSorted(), [
    `${REASON}.mode`, `${REASON}.mostEvents`, `${REASON}.window`
  ])
  t.match((await patch({ [REASON]: null })).json(), { overrides: {}, settings: { [REASON]: { mostEvents: 3 } } })
  refuses(t, await postOne(event('growing')), 'more than three')
})

t.test('its mode lets it observe while load is shed', async (t) => {
  t.equal((await patch({ [REASON]: { mode: 'observe' } })).statusCode, 200)
  const series = `spillway_quota_refused_total{priority_class="normal",reason="${REASON}"}`
  const before = await metric(app, series)
  for (let posted = 0; posted < 5; posted++) t.equal((await postOne(event('observed'))).status, 202)
  t.equal(await metric(app, series), before + 2, 'events that it would have refused are counted')
  t.equal(app.backpressure.mode, 'true')
  t.equal((await patch({ [REASON]: { mode: 'false' } })).statusCode, 200)
  t.equal((await postOne(event('observed'))).status, 202)
  t.equal(await metric(app, series), before + 2)
  t.equal((await patch({ [REASON]: { mode: null } })).statusCode, 200)
  refuses(t, await postOne(event('observed')), 'enforced again')
})

t.test('a quota holds for all replicas together', async (t) => {
  const { app: other } = await startApp(t, { redis, policyFolders: [folder] })
  const postThere = async () => (await postTo(other, event('roaming'))).statusCode
  for (let posted = 0; posted < 2; posted++) t.equal((await postOne(event('roaming'))).status, 202)
  await postOne(event('faithful'))
  const hasSeen = (app: FastifyInstance, organizationId: string, events: number) => eventually(
    'it has read what was reported', () => app.queueMonitor.reading?.fleet.members.some(
      ({ shares }) => shares?.[REASON]?.[organizationId] === events
    )
  )
  await hasSeen(other, 'roaming', 2)
  t.strictSame([await postThere(), await postThere()], [202, 429])
  await hasSeen(app, 'faithful', 1)
  for (let posted = 1; posted < 3; posted++)
    t.equal((await postOne(event('faithful'))).status, 202, 'its own are not counted twice')
  await eventually('this replica learns of the third', async () => (await postOne(event('roaming'))).status === 429)
})

t.test('the API description and the command know its settings', async (t) => {
  const { paths } = (await app.inject('/openapi.json')).json()
  const { patch: change, get } = paths['/api/v1/settings']
  t.match(JSON.stringify(change.requestBody), /"mostEvents":.*Events of each organization/)
  t.match(JSON.stringify(get.responses['200']), /"mostEvents":.*Events of each organization/)
  const set = await runCli(['settings', 'set', `${REASON}.mostEvents=4`], { env: await listen(app) })
  t.match(set, { code: EXIT.ok, out: new RegExp(`${REASON}\\.mostEvents +4 +set`) })
})

const patch = (payload: object) => app.inject({ method: 'PATCH', url: '/api/v1/settings', payload })

async function dashboardNames (t: Test, app: FastifyInstance): Promise<boolean> {
  return await eventually('the dashboard names the reason', async () => {
    await postOne(event('single'))
    const { events, response } = await openStream(t, app, '/api/v1/dashboard/stream')
    await eventually('the history is there', () => events.length > 0)
    response.destroy()
    const { refusals, settings } = events[0]?.data.state ?? {}
    const ofReason = settings.further.filter(({ field }: { field: string }) => field.startsWith(`${REASON}.`))
    t.match(ofReason, [{ field: `${REASON}.mode`, value: 'true' }, {
      field: `${REASON}.mostEvents`,
      value: 3,
      isSet: false
    }])
    return JSON.stringify(refusals ?? []).includes(REASON)
  })
}
