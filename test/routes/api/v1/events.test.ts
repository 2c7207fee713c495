import t from 'tap'
import { post, startApp, storedEvents } from '../../../app.ts'
import { assertInvalid, assertProblem } from './setup.ts'

const STRUCTURED = { 'content-type': 'application/cloudevents+json' }
const BINARY = { 'ce-specversion': '1.0', 'ce-id': 'ce-1', 'ce-source': '/machines/7', 'ce-type': 'started' }
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

// One app for everything that its queue does not need to be empty for.
const { app } = await startApp(t, {
  env: { EVENT_PRIORITIES: '{"alarm":1,"report":9}', DEFAULT_EVENT_PRIORITY: '7', BODY_LIMIT_BYTES: '4096' }
})
const stored = async (id: string) => (await storedEvents(app)).filter((event) => event.id === id)

t.test('answers 202 with what the event became, and stores it', async (t) => {
  const answer = await post(app, { type: 'reading', payload: { level: 3 } })
  t.equal(answer.statusCode, 202)
  t.match(answer.headers['content-type'], 'application/json')
  const { id, ...rest } = answer.json()
  t.match(
    id,
    /^7-1-0-[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\.0-[\w-]{8}$/,
    'an id is made where there is none'
  )
  t.strictSame(rest, { type: 'reading', priority: 7, status: 'accepted', durability: 'queued' })
  const [event, ...more] = await stored(id)
  t.strictSame(more, [])
  t.match(event?.receivedAt, RFC_3339)
  t.strictSame(event, { id, type: 'reading', payload: { level: 3 }, priority: 7, receivedAt: event?.receivedAt })
})

t.test('an array, or nothing, in place of an event is refused with where to post it', async (t) => {
  const table: [headers: Record<string, string>, body: string, message: RegExp][] = [
    [
      { 'content-type': 'application/json' },
      '[{"type":"a","payload":1}]',
      /^Expected one event.* \/api\/v1\/events\/batch$/
    ],
    [STRUCTURED, '', /^The body is empty; post a CloudEvent/],
    [STRUCTURED, '[]', /\/api\/v1\/events\/batch as application\/cloudevents-batch\+json$/],
    [{ 'content-type': 'application/json' }, '', /^The body is empty; post an event as a JSON object/]
  ]
  for (const [headers, payload, message] of table) {
    const answer = await app.inject({ method: 'POST', url: '/api/v1/events', headers, payload })
    t.equal(answer.statusCode, 400, payload)
    t.match(answer.json().errors, [{ field: '', message }], payload)
  }
  const binary = await app.inject({
    method: 'POST',
    url: '/api/v1/events',
    headers: { ...BINARY, 'ce-id': 'ce-array', 'content-type': 'application/json' },
    payload: '[1]'
  })
  t.equal(binary.statusCode, 202, 'the data of a binary CloudEvent may be an array')
})

t.test('stores every field as it was posted', async (t) => {
  const posted = {
    type: 'reading',
    payload: ['x', { deep: [null, 1.5, '1'] }],
    priority: 3,
    organizationId: 'org',
    id: 'every-field',
    occurredAt: '2026-03-01T10:00:00.123456+02:00'
  }
  const answer = await post(app, posted)
  t.strictSame(answer.json(), {
    id: 'every-field',
    type: 'reading',
    priority: 3,
    status: 'accepted',
    durability: 'queued'
  })
  t.match(await stored('every-field'), [{ ...posted, receivedAt: RFC_3339 }])
})

t.test('takes the priority from the header, else the body, else the map by type, else the default', async (t) => {
  const table: [claim: string, headers: Record<string, string>, body: object, priority: number][] = [
    ['nothing says one', {}, { type: 'x' }, 7],
    ['the type is in the map', {}, { type: 'alarm' }, 1],
    ['the body wins over the map', {}, { type: 'alarm', priority: 8 }, 8],
    ['the header wins over the body', { 'x-event-priority': '2' }, { type: 'alarm', priority: 8 }, 2],
    ['the header wins over the map', { 'x-event-priority': '10' }, { type: 'alarm' }, 10],
    ['the header gives the type of a body without one', { 'x-event-type': 'report' }, {}, 9],
    ['the type of the body wins over that of the header', { 'x-event-type': 'report' }, { type: 'alarm' }, 1],
    ['the body wins over the type of the header', { 'x-event-type': 'report' }, { priority: 4 }, 4],
    ['a type that objects inherit is none of the map', {}, { type: 'constructor' }, 7],
    ['nor is __proto__', {}, { type: '__proto__' }, 7]
  ]
  for (const [claim, headers, body, priority] of table) {
    const answer = await post(app, { payload: null, ...body }, headers)
    t.equal(answer.statusCode, 202, claim)
    const { id, type } = answer.json()
    t.equal(answer.json().priority, priority, claim)
    t.match(await stored(id), [{ type, priority }], claim)
  }
})

t.test('refuses what cannot be parsed', async (t) => {
  const table: [claim: string, body: string, status: number, slug: string, headers?: Record<string, string>][] = [
    ['nothing', '', 400, 'invalid-event'],
    ['half an object', '{"type":"x"', 400, 'invalid-request'],
    ['two objects', '{}{}', 400, 'invalid-request'],
    ['a __proto__ key', '{"type":"x","payload":{"__proto__":{"admin":true}}}', 400, 'invalid-request'],
    ['a constructor.prototype key', '{"type":"x","payload":{"constructor":{"prototype":{}}}}', 400, 'invalid-request'],
    ['a __proto__ key in a CloudEvent', '{"__proto__":{},"specversion":"1.0"}', 400, 'invalid-request', STRUCTURED],
    ['text', 'type: x', 415, 'unsupported-media-type', { 'content-type': 'text/plain' }],
    ['XML', '<x/>', 415, 'unsupported-media-type', { 'content-type': 'application/xml' }],
    ['a CloudEvent with data that is not JSON', 'x', 415, 'unsupported-media-type', {
      ...BINARY,
      'content-type': 'application/octet-stream'
    }],
    ['a body above the limit', JSON.stringify({ type: 'x', payload: 'x'.repeat(4_096) }), 413, 'body-too-large']
  ]
  for (const [claim, body, status, slug, headers] of table)
    assertProblem(t, await post(app, body, headers), status, slug, claim)
  assertInvalid(t, await app.inject({ method: 'POST', url: '/api/v1/events' }), [''], 'no body at all')
})

t.test('refuses a media type that only batches come in', async (t) => {
  for (const type of ['application/x-ndjson', 'application/cloudevents-batch+json']) {
    assertProblem(t, await post(app, '[]', { 'content-type': type }), 415, 'unsupported-media-type', type)
  }
})

t.test('answers 404 with problem details for what is not there', async (t) => {
  for (
    const [method, url] of [['GET', '/api/v1/event?secret=1'], ['PUT', '/api/v1'], ['POST', '/api/v1/event']] as const
  ) {
    const answer = await app.inject({ method, url })
    assertProblem(t, answer, 404, 'not-found', `${method} ${url}`)
    t.notMatch(answer.body, 'secret')
  }
})

t.test('stays whole when the scripts of Redis are flushed', async (t) => {
  const { app } = await startApp(t)
  t.equal((await post(app, { type: 'x', payload: 1 })).statusCode, 202)
  await app.redis.script('FLUSH')
  t.equal((await post(app, { type: 'x', payload: 1 })).statusCode, 202)
  t.equal((await storedEvents(app)).length, 2)
})
