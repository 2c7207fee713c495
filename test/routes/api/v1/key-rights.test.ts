import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import { metric, post, postBatch, startApp, storedEvents } from '../../../app.ts'
import { makeKey } from '../../../services/producer/setup.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startRedis } from '../../../../rig/redis.ts'

const redis = await startRedis(t)

const HIGH = makeKey()
const LOW = makeKey({ bestPriority: 5 })
const TYPED = makeKey({ types: ['order'] })
const OTHER = makeKey({ organizationId: 'other' })

const CLOUD_EVENT = { specversion: '1.0', id: '1', source: '/s', type: 'a', data: 1 }
const STRUCTURED = 'application/cloudevents+json'
const BATCHED = 'application/cloudevents-batch+json'
const NDJSON = 'application/x-ndjson'

/** A request with one event, as its path, its headers and its body. */
type Form = readonly [name: string, path: string, headers: Record<string, string>, body: unknown]

/** Each way to ask for priority 1. */
const ABOVE: readonly Form[] = [
  ['the header', 'events', { 'x-event-priority': '1' }, { type: 'a', payload: 1 }],
  ['the body', 'events', {}, { type: 'a', payload: 1, priority: 1 }],
  ['the type in the body', 'events', {}, { type: 'critical-alarm', payload: 1 }],
  ['X-Event-Type', 'events', { 'x-event-type': 'critical-alarm' }, { payload: 1 }],
  ['a structured CloudEvent', 'events', { 'content-type': STRUCTURED }, { ...CLOUD_EVENT, priority: 1 }],
  ['the type of a structured CloudEvent', 'events', { 'content-type': STRUCTURED }, { ...CLOUD_EVENT, id: '2', type: 'critical-alarm' }],
  ['a binary CloudEvent', 'events', {
    'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 'a', 'ce-priority': '1'
  }, 1],
  ['the type of a binary CloudEvent', 'events', {
    'ce-specversion': '1.0', 'ce-id': '2', 'ce-source': '/s', 'ce-type': 'critical-alarm'
  }, 1],
  ['an array', 'events/batch', {}, [{ type: 'a', payload: 1, priority: 1 }]],
  ['the header of an array', 'events/batch', { 'x-event-priority': '1' }, [{ type: 'a', payload: 1 }]],
  ['NDJSON', 'events/batch', { 'content-type': NDJSON }, '{"type":"a","payload":1,"priority":1}\n'],
  ['the type in NDJSON', 'events/batch', { 'content-type': NDJSON }, '{"type":"scheduled","payload":1}\n'],
  ['a batch of CloudEvents', 'events/batch', { 'content-type': BATCHED }, [{ ...CLOUD_EVENT, priority: 1 }]],
  ['a reading', 'datastreams', { 'x-event-priority': '1' }, { deviceId: 'd', values: { t: 1 } }]
]

/** Each form of an event that names another organization than the key. */
const FOREIGN: readonly Form[] = [
  ['an event', 'events', {}, { type: 'a', payload: 1, organizationId: 'other' }],
  ['a CloudEvent', 'events', { 'content-type': STRUCTURED }, { ...CLOUD_EVENT, organizationid: 'other' }],
  ['an array', 'events/batch', {}, [{ type: 'a', payload: 1, organizationId: 'other' }]],
  ['NDJSON', 'events/batch', { 'content-type': NDJSON }, '{"type":"a","payload":1,"organizationId":"other"}\n'],
  ['a reading', 'datastreams', {}, { deviceId: 'd', values: { t: 1 }, organizationId: 'other' }]
]

async function start (t: Test, keys = [HIGH, LOW, TYPED, OTHER]): Promise<FastifyInstance> {
  const records = keys.map(({ record }) => record)
  const path = join(t.testdir({ 'keys.json': JSON.stringify(records) }), 'keys.json')
  return (await startApp(t, { redis, env: { API_KEYS_FILE: path, NAMESPACE: `rights-${t.name.length}` } })).app
}

const send = (app: FastifyInstance, key: string, [, path, headers, body]: Form) => app.inject({
  method: 'POST',
  url: `/api/v1/${path}`,
  headers: { 'content-type': 'application/json', 'x-api-key': key, ...headers },
  payload: typeof body === 'string' ? body : JSON.stringify(body)
})

t.test('a priority above the ceiling is forbidden in every form, and the ceiling is named', async (t) => {
  const app = await start(t)
  for (const form of ABOVE) {
    const answer = await send(app, LOW.key, form)
    t.equal(answer.statusCode, 403, form[0])
    const { results, ...problem } = answer.json()
    t.match(results?.[0] ?? problem, { reason: 'priority-ceiling', bestPriority: 5 }, form[0])
    t.match(problem, { bestPriority: 5, detail: /only 5 to 10/ }, form[0])
  }
  t.match((await post(app, '{', { 'x-event-priority': '1', 'x-api-key': LOW.key })).json(), {
    status: 403, reason: 'priority-ceiling', bestPriority: 5
  }, 'the body of a request whose header asks for too much is not read')
  t.match((await post(app, '{', { 'x-api-key': LOW.key })).json(), { status: 400 })
  const forbidden = 'spillway_forbidden_total{priority_class="critical",reason="priority-ceiling"}'
  t.equal(await metric(app, forbidden), ABOVE.length + 1, 'each is counted')
  const booked = 'spillway_ledger_forbidden_total{priority_class="critical"}'
  await eventually('the ledger has each too', async () => await metric(app, booked) === ABOVE.length + 1)
  t.strictSame(await storedEvents(app), [])
  for (const form of ABOVE) t.equal((await send(app, HIGH.key, form)).statusCode, 202, `${form[0]} with a better key`)
})

t.test('a type that the key does not list is forbidden, and another organization', async (t) => {
  const app = await start(t)
  t.match((await post(app, { type: 'a', payload: 1 }, { 'x-api-key': TYPED.key })).json(), {
    status: 403, type: 'urn:spillway:problem:forbidden', reason: 'type-not-allowed', types: ['order'],
    detail: /this type, only order;/
  })
  t.equal((await post(app, { type: 'order', payload: 1 }, { 'x-api-key': TYPED.key })).statusCode, 202)
  for (const form of FOREIGN) {
    const answer = await send(app, HIGH.key, form)
    t.equal(answer.statusCode, 403, form[0])
    const { results, ...problem } = answer.json()
    t.match(results?.[0] ?? problem, { reason: 'organization-mismatch' }, form[0])
    t.equal((await send(app, OTHER.key, form)).statusCode, 202, `${form[0]} with its own key`)
  }
  const mixed = [{ type: 'order', payload: 1 }, { type: 'a', payload: 1 }, { type: 'order', payload: 1, priority: 1 }]
  t.match((await postBatch(app, mixed, { 'x-api-key': TYPED.key })).json(), {
    accepted: 2, forbidden: 1, types: ['order'], results: [{}, { status: 'forbidden', reason: 'type-not-allowed' }, {}]
  })
  t.match((await postBatch(app, [{ type: 'a', payload: 1 }], { 'x-api-key': TYPED.key })).json(), {
    status: 403, types: ['order'], detail: /this type, only order;/
  })
  t.match((await postBatch(app, [{ type: 'a', payload: 1 }, { type: 'a', payload: 1, priority: 1 }], {
    'x-api-key': LOW.key
  })).json(), { accepted: 1, results: [{}, { reason: 'priority-ceiling', bestPriority: 5 }] })
})

t.test('every stored event has the organization and the ceiling of its key', async (t) => {
  const app = await start(t)
  await post(app, { type: 'a', payload: { big: 1.0 } }, { 'x-api-key': LOW.key })
  await post(app, { type: 'a', payload: 1, organizationId: 'acme' }, { 'x-api-key': LOW.key })
  await postBatch(app, [{ type: 'a', payload: 1 }, { type: 'a', payload: 2 }], { 'x-api-key': LOW.key })
  await postBatch(app, '{"type":"a","payload":1}\n', { 'x-api-key': LOW.key, 'content-type': NDJSON })
  await send(app, LOW.key, ['', 'events', { 'content-type': STRUCTURED }, CLOUD_EVENT])
  await send(app, LOW.key, ['', 'datastreams', {}, { deviceId: 'd', values: { t: 1 } }])
  const events = await storedEvents(app)
  t.equal(events.length, 7)
  for (const event of events) t.match(event, { organizationId: 'acme', ceiling: 5 })
})

t.test('a key of little trust cannot take the id of an event before a better key posts it', async (t) => {
  const app = await start(t)
  const event = { type: 'a', payload: 1, id: 'the-id' }
  t.match((await post(app, event, { 'x-api-key': LOW.key })).json(), { status: 'accepted' })
  t.match((await post(app, { ...event, priority: 1 }, { 'x-api-key': HIGH.key })).json(), { status: 'accepted' })
  t.match((await post(app, event, { 'x-api-key': LOW.key })).json(), { status: 'duplicate' })
  t.match((await post(app, event, { 'x-api-key': OTHER.key })).json(), { status: 'accepted' }, 'nor that of another organization')
})

t.test('an answer names twenty types of a long list, and each key its own', async (t) => {
  const types = Array.from({ length: 25 }, (_, index) => `type-${index}`)
  const many = makeKey({ types })
  const app = await start(t, [many, TYPED])
  const answer = async (key: string) => (await post(app, { type: 'a', payload: 1 }, { 'x-api-key': key })).json()
  t.match(await answer(many.key), { types: types.slice(0, 20), moreTypes: 5, detail: /type-4 and 20 more;/ })
  const { types: others, moreTypes } = await answer(TYPED.key)
  t.strictSame([others, moreTypes], [['order'], undefined])
})
