import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { eventHandler, post, postBatch, startApp } from '../../../app.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { startOpen, assertProblem } from './setup.ts'

const LATEST = '/api/v1/events'
const TOKEN = 'an-operator-of-16-characters'

const latest = async (app: FastifyInstance, query = '') => (await app.inject(`${LATEST}${query}`)).json()
const payloadOf = (app: FastifyInstance, id: string, query = '') =>
  app.inject(`${LATEST}/${encodeURIComponent(id)}/payload${query}`)

t.test('lists the events that were accepted last with their states, and their payloads as posted', async (t) => {
  const { app } = await startApp(t)
  t.match(await latest(app), { events: [], accepted: 0 })
  const order = '{"type": "order", "payload": {"amount": 1.0, "id": 12345678901234567890} , "priority": 2}'
  const reading = { type: 'reading', payload: [1], id: 'own', organizationId: 'acme' }
  const first = (await post(app, order)).json()
  const second = (await post(app, reading)).json()
  t.equal((await post(app, reading)).json().status, 'duplicate')
  t.equal((await post(app, { type: '' })).statusCode, 400)
  const { events, accepted, process } = await latest(app)
  t.match(events, [
    { id: 'own', type: 'reading', priority: 5, organizationId: 'acme', receivedAt: /Z$/, status: 'waiting' },
    { id: first.id, type: 'order', priority: 2, receivedAt: /Z$/, status: 'waiting' }
  ])
  t.strictSame([events.length, accepted], [2, 2], 'neither duplicates nor what is wrong')
  t.match(process, /^.+:\d+$/)
  t.strictSame((await latest(app, '?type=order')).events.map(({ id }: { id: string }) => id), [first.id])
  t.strictSame((await latest(app, '?limit=1')).events.map(({ id }: { id: string }) => id), [second.id])

  const answer = await payloadOf(app, first.id)
  t.equal(answer.statusCode, 200)
  t.match(answer.body, /,"payload":\{"amount": 1\.0, "id": 12345678901234567890\}\}$/)
  const own = (await payloadOf(app, 'own', '?organizationId=acme')).json()
  t.match(own, { id: 'own', type: 'reading', priority: 5, payload: [1] })
  assertProblem(t, await payloadOf(app, 'own', '?organizationId=other'), 404, 'not-found', 'another organization')
  assertProblem(t, await payloadOf(app, 'nobody'), 404, 'not-found', 'an unknown event')
  assertProblem(t, await payloadOf(app, 'own', '?organizationId=%ff'), 400, 'invalid-query', 'what is no text')
  assertProblem(t, await payloadOf(app, 'own', '?org=acme'), 400, 'invalid-request', 'an unknown field')
})

t.test('lists events of every form, those of rules and streams too', async (t) => {
  const { app } = await startApp(t)
  await postBatch(app, [{ type: 'in-array', payload: { n: 1 } }])
  await postBatch(app, '{"type":"in-stream","payload":{"n":2}}\n', { 'content-type': 'application/x-ndjson' })
  const cloudEvent = '{"specversion":"1.0","id":"c","source":"/plant","type":"cloud","data":{"n": 3}}'
  await post(app, cloudEvent, { 'content-type': 'application/cloudevents+json' })
  await app.inject({ method: 'POST', url: '/api/v1/datastreams', payload: { deviceId: 'd', values: { n: 4 } } })
  const receivedAt = new Date().toISOString()
  await app.eventBus.publish({ id: '', type: 'emitted', payload: { n: 5 }, priority: 5, receivedAt })
  const { events } = await latest(app)
  const types = events.map(({ type }: { type: string }) => type)
  t.strictSame(types, ['emitted', 'telemetry-data', 'cloud', 'in-stream', 'in-array'])
  for (const { id, type, source } of events) {
    const query = source === undefined ? '' : `?source=${encodeURIComponent(source)}`
    t.match((await payloadOf(app, id, query)).body, /"n": ?\d/, type)
  }
})

t.test('follows an event to its end, and shows the payload of any dead letter', async (t) => {
  const handler = eventHandler(({ payload }) =>
    payload === 'bad' ? { status: 'dead', reason: 'no' } : { status: 'done' })
  const { app, redis } = await startApp(t, { env: { ROLE: 'all' }, handlers: [handler] })
  const good = (await post(app, { type: 'x', payload: 'good' })).json().id
  const bad = (await post(app, '{"type":"x","payload": "bad" }')).json().id
  const stateOf = async (id: string) =>
    (await latest(app)).events.find((event: { id: string }) => event.id === id)?.status as string
  await eventually('one is done', async () => await stateOf(good) === 'done')
  await eventually('one is a dead letter', async () => await stateOf(bad) === 'dead-letter')
  const { app: other } = await startApp(t, { redis })
  t.strictSame((await latest(other)).events, [], 'another process has events of its own')
  t.match((await payloadOf(other, bad)).json(), { id: bad, type: 'x', payload: 'bad' })
  assertProblem(t, await payloadOf(other, good), 404, 'not-found', 'the payload of a delivered event')
})

t.test('says so when a payload is too long to be kept', async (t) => {
  const { app } = await startApp(t)
  const { id } = (await post(app, { type: 'x', payload: 'x'.repeat(100_000) })).json()
  const answer = await payloadOf(app, id)
  assertProblem(t, answer, 404, 'not-found', 'a long payload')
  t.match(answer.json().detail, 'longer than 32768 characters')
})

t.test('refused events are not among them', async (t) => {
  const { app } = await startOpen(t)
  const before = (await latest(app)).accepted
  t.equal((await post(app, { type: 'late', payload: 1 })).statusCode, 503)
  t.equal((await latest(app)).accepted, before)
})

t.test('names what is wrong with the question', async (t) => {
  const { app } = await startApp(t)
  const wrong: Record<string, string[]> = {
    '?limit=0': ['limit'], '?limit=101': ['limit'], '?limit=x': ['limit'], '?limit=1&limit=2': ['limit'],
    '?type=': ['type'], '?type=%ff': ['type'], '?typ=a': ['typ'], '?limit=0&type=': ['limit', 'type']
  }
  for (const [query, fields] of Object.entries(wrong)) {
    const answer = await app.inject(`${LATEST}${query}`)
    assertProblem(t, answer, 400, 'invalid-query', query)
    t.strictSame(answer.json().errors.map(({ field }: { field: string }) => field), fields, query)
  }
  const misspelled = (await app.inject(`${LATEST}?typ=a`)).json()
  t.equal(misspelled.detail, 'typ: Unexpected property; expected are limit, type')
  const filter = (await app.inject('/api/v1/dead-letters?typ=a')).json()
  t.match(filter.detail, /^typ: Unexpected property; expected are .*\btype\b/)
})

t.test('is for operators alone: with a token nobody else reads the list or a payload', async (t) => {
  const { app } = await startApp(t, { env: { ADMIN_TOKEN: TOKEN } })
  const { id } = (await post(app, { type: 'x', payload: 'secret' })).json()
  const authorization = `Bearer ${TOKEN}`
  for (const url of [LATEST, `${LATEST}/${id}/payload`]) {
    const refused = await app.inject(url)
    assertProblem(t, refused, 401, 'unauthorized', url)
    t.notMatch(refused.body, 'secret')
    t.equal((await app.inject({ url, headers: { authorization } })).statusCode, 200, url)
    const crossSite = { authorization, 'sec-fetch-site': 'cross-site' }
    t.equal((await app.inject({ url, headers: crossSite })).statusCode, 403, url)
  }
  t.equal((await app.inject(`${LATEST}/${id}`)).statusCode, 200, 'receipts stay open')
})

t.test('a queue that is away is said to be, and payloads are shown all the same', async (t) => {
  const { app, redis } = await startApp(t)
  const { id } = (await post(app, { type: 'x', payload: 7 })).json()
  await redis.kill()
  await eventually('the state is unavailable', async () => (await latest(app)).events[0].status === 'unavailable')
  t.match((await payloadOf(app, id)).json(), { payload: 7 })
  const answer = await payloadOf(app, 'nobody')
  assertProblem(t, answer, 503, 'queue-unavailable', 'an event that is not among the latest')
  t.equal(answer.headers['retry-after'], '1')
})
