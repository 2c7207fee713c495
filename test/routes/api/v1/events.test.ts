import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import t from 'tap'
import { post, startApp, storedEvents } from '../../../app.ts'
import { assertInvalid, assertProblem } from './setup.ts'

const CLOUD_EVENT = { specversion: '1.0', id: 'ce-1', source: '/machines/7', type: 'started' }
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

t.test('takes the priority of a CloudEvent in the same order', async (t) => {
  const table: [claim: string, headers: Record<string, string>, body: object | undefined, priority: number][] = [
    ['structured, nothing says one', STRUCTURED, CLOUD_EVENT, 7],
    ['structured, by type', STRUCTURED, { ...CLOUD_EVENT, type: 'report' }, 9],
    ['structured, by extension', STRUCTURED, { ...CLOUD_EVENT, type: 'report', priority: 3 }, 3],
    ['structured, by header', { ...STRUCTURED, 'x-event-priority': '1' }, { ...CLOUD_EVENT, priority: 3 }, 1],
    [
      'structured, the media type has parameters',
      { 'content-type': 'application/cloudevents+json; charset=utf-8' },
      CLOUD_EVENT,
      7
    ],
    ['binary, nothing says one', BINARY, { level: 1 }, 7],
    ['binary, by type', { ...BINARY, 'ce-type': 'alarm' }, { level: 1 }, 1],
    ['binary, by extension', { ...BINARY, 'ce-type': 'alarm', 'ce-priority': '6' }, { level: 1 }, 6],
    ['binary, by quoted and by encoded extension', { ...BINARY, 'ce-type': '"alarm"', 'ce-priority': '"6"' }, {
      level: 1
    }, 6],
    ['binary, by quoted type', { ...BINARY, 'ce-type': '"alarm"' }, { level: 1 }, 1],
    [
      'binary, by header',
      { ...BINARY, 'ce-type': 'alarm', 'ce-priority': '6', 'x-event-priority': '2' },
      { level: 1 },
      2
    ],
    ['binary, its type is not that of the header', { ...BINARY, 'x-event-type': 'alarm' }, { level: 1 }, 7]
  ]
  for (const [claim, headers, body, priority] of table) {
    const answer = await post(app, body ?? '', { ...headers, 'idempotency-key': claim })
    t.equal(answer.statusCode, 202, claim)
    t.match(answer.json(), { id: 'ce-1', priority, status: 'accepted' }, claim)
  }
})

t.test('stores a structured CloudEvent with the attributes that it has no field for', async (t) => {
  const data = { level: [1, null, '2'] }
  await post(app, {
    ...CLOUD_EVENT,
    id: 'structured',
    time: '2026-03-01T10:00:00Z',
    subject: 'pump',
    organizationid: 'org',
    priority: 2,
    sampled: true,
    rank: 4,
    datacontenttype: 'application/json',
    data
  }, STRUCTURED)
  t.match(await stored('structured'), [{
    id: 'structured',
    type: 'started',
    payload: data,
    priority: 2,
    organizationId: 'org',
    occurredAt: '2026-03-01T10:00:00Z',
    receivedAt: RFC_3339
  }])
  t.strictSame((await stored('structured'))[0]?.attributes, {
    source: '/machines/7',
    subject: 'pump',
    sampled: true,
    rank: 4
  })
})

t.test('stores a binary CloudEvent, its attributes from the headers and its data from the body', async (t) => {
  const headers = {
    ...BINARY,
    'ce-id': 'binary',
    'ce-time': '2026-03-01T10:00:00Z',
    'ce-subject': 'K%C3%BChlung%20%231',
    'ce-organizationid': 'org',
    'ce-broken': '%zz'
  }
  t.equal((await post(app, { level: 1 }, headers)).statusCode, 202)
  t.match(await stored('binary'), [{
    type: 'started',
    payload: { level: 1 },
    priority: 7,
    organizationId: 'org',
    occurredAt: '2026-03-01T10:00:00Z'
  }])
  t.strictSame((await stored('binary'))[0]?.attributes, { source: '/machines/7', subject: 'Kühlung #1', broken: '%zz' })
})

t.test('attributes in quotes, percent-encoded or in raw UTF-8 are the same text', async (t) => {
  const text = 'Kühlung "Süd" \\ 100 % 😀'
  const raw = Buffer.from(text).toString('latin1')
  const table: [id: string, header: string][] = [
    ['raw', raw.replace('%', '%25')], ['encoded', encodeURIComponent(text)],
    ['quoted', `"${raw.replace('%', '%25').replace(/["\\]/g, '\\$&')}"`]
  ]
  const { port } = new URL(await app.listen({ host: '127.0.0.1', port: 0 }))
  for (const [id, header] of table) {
    // Over a socket, as bytes: inject would not send them as they are, nor would Node.js before a body of text.
    const headers = {
      ...BINARY,
      'ce-id': id,
      'ce-specversion': '"1.0"',
      'ce-time': '"2026-03-01T10:00:00Z"',
      'ce-subject': header,
      'content-type': 'application/json'
    }
    const outgoing = request({ host: '127.0.0.1', port, path: '/api/v1/events', method: 'POST', agent: false, headers })
    const [answer] = await once(outgoing.end(Buffer.from('1')), 'response') as [IncomingMessage]
    t.equal(answer.resume().statusCode, 202, id)
    t.match(await stored(id), [{ attributes: { subject: text }, occurredAt: '2026-03-01T10:00:00Z' }], id)
  }
  for (const cut of ['%C0%A0', '%FF', '"%ED%A0%80"']) {
    for (const name of ['id', 'subject', 'dataschema', 'anything']) {
      assertInvalid(t, await post(app, {}, { ...BINARY, [`ce-${name}`]: cut }), [name], `${name}: ${cut}`)
    }
  }
})

t.test('takes CloudEvents without data', async (t) => {
  t.equal((await post(app, { ...CLOUD_EVENT, id: 'no-data' }, STRUCTURED)).statusCode, 202)
  const answer = await app.inject({ method: 'POST', url: '/api/v1/events', headers: { ...BINARY, 'ce-id': 'no-body' } })
  t.equal(answer.statusCode, 202)
  for (const id of ['no-data', 'no-body']) t.notOk('payload' in (await stored(id))[0]!, id)
  t.equal((await post(app, { ...CLOUD_EVENT, id: 'null-data', data: null }, STRUCTURED)).statusCode, 202)
  t.equal((await post(app, 'null', { ...BINARY, 'ce-id': 'null-body' })).statusCode, 202)
  for (const id of ['null-data', 'null-body']) t.equal((await stored(id))[0]?.payload, null, id)
})

t.test('takes the structured mode when the media type says so, whatever the headers', async (t) => {
  const answer = await post(app, CLOUD_EVENT, { ...STRUCTURED, ...BINARY, 'ce-id': 'from-header', 'ce-type': 'alarm' })
  t.match(answer.json(), { id: 'ce-1', type: 'started' })
})

t.test('takes a media type in any case', async (t) => {
  t.equal((await post(app, CLOUD_EVENT, { 'content-type': 'Application/CloudEvents+JSON' })).statusCode, 202)
})

t.test('takes null for an attribute that is not set', async (t) => {
  t.equal((await post(app, { ...CLOUD_EVENT, subject: null, time: null }, STRUCTURED)).statusCode, 202)
})

t.test('names every field of an event that is wrong, and stores nothing of it', async (t) => {
  const before = (await storedEvents(app)).length
  const long = 'x'.repeat(257)
  const table: [body: unknown, fields: string[]][] = [
    [{}, ['type', 'payload']],
    [{ payload: 1 }, ['type']],
    [{ type: 'x' }, ['payload']],
    [{ type: 1, payload: 1 }, ['type']],
    [{ type: '', payload: 1 }, ['type']],
    [{ type: long, payload: 1 }, ['type']],
    [{ type: null, payload: 1 }, ['type']],
    [{ type: 'x', payload: 1, extra: 1 }, ['extra']],
    [{ type: 'x', payload: 1, Priority: 1, 'a/b~c': 1 }, ['Priority', 'a/b~c']],
    [{ type: 'x', payload: 1, priority: 0 }, ['priority']],
    [{ type: 'x', payload: 1, priority: 11 }, ['priority']],
    [{ type: 'x', payload: 1, priority: -1 }, ['priority']],
    [{ type: 'x', payload: 1, priority: 1.5 }, ['priority']],
    [{ type: 'x', payload: 1, priority: '1' }, ['priority']],
    [{ type: 'x', payload: 1, priority: null }, ['priority']],
    [{ type: 'x', payload: 1, priority: true }, ['priority']],
    [{ type: 'x', payload: 1, id: '' }, ['id']],
    [{ type: 'x', payload: 1, id: long }, ['id']],
    [{ type: 'x', payload: 1, id: 7 }, ['id']],
    [{ type: 'x', payload: 1, organizationId: '' }, ['organizationId']],
    [{ type: 'x', payload: 1, organizationId: {} }, ['organizationId']],
    [{ type: 'x', payload: 1, occurredAt: 'yesterday' }, ['occurredAt']],
    [{ type: 'x', payload: 1, occurredAt: 1_700_000_000 }, ['occurredAt']],
    [{ type: 'x', payload: 1, receivedAt: '2026-03-01T10:00:00Z', attempt: 3, completedSteps: [] }, [
      'receivedAt',
      'attempt',
      'completedSteps'
    ]],
    [{ type: 7, priority: 11, id: '', extra: 1 }, ['payload', 'extra', 'type', 'priority', 'id']],
    ['text', ['']], [7, ['']], [null, ['']], [true, ['']], [[], ['']], [[{ type: 'x', payload: 1 }], ['']]
  ]
  for (const [body, fields] of table)
    assertInvalid(t, await post(app, JSON.stringify(body)), fields, JSON.stringify(body).slice(0, 60))
  t.equal((await storedEvents(app)).length, before)
})

t.test('names no field of the server for a body of the wrong shape', async (t) => {
  assertInvalid(t, await post(app, '[1]', { 'x-event-type': 'x' }), [''], 'an array')
})

t.test('names every attribute of a CloudEvent that is wrong', async (t) => {
  const { source: _source, ...sourceless } = CLOUD_EVENT
  const table: [body: unknown, fields: string[]][] = [
    [{}, ['specversion', 'id', 'source', 'type']],
    [sourceless, ['source']],
    [{ ...CLOUD_EVENT, specversion: '0.3' }, ['specversion']],
    [{ ...CLOUD_EVENT, id: '' }, ['id']],
    [{ ...CLOUD_EVENT, type: 5 }, ['type']],
    [{ ...CLOUD_EVENT, time: 'noon' }, ['time']],
    [{ ...CLOUD_EVENT, priority: 0 }, ['priority']],
    [{ ...CLOUD_EVENT, organizationid: '' }, ['organizationid']],
    [{ ...CLOUD_EVENT, datacontenttype: 'text/xml', data: '<a/>' }, ['datacontenttype']],
    [{ ...CLOUD_EVENT, subject: '' }, ['subject']],
    [{ ...CLOUD_EVENT, data_base64: 'AA==' }, ['data_base64']],
    [{ ...CLOUD_EVENT, Upper: 'x' }, ['Upper']],
    [{ ...CLOUD_EVENT, extension: { deep: 1 } }, ['extension']],
    [[CLOUD_EVENT], ['']]
  ]
  for (const [body, fields] of table)
    assertInvalid(t, await post(app, JSON.stringify(body), STRUCTURED), fields, JSON.stringify(body).slice(0, 90))
  assertInvalid(
    t,
    await post(app, {}, { 'ce-specversion': '1.0', 'ce-id': '1' }),
    ['source', 'type'],
    'a binary one without source and type'
  )
  for (const priority of ['high', '01', '0']) {
    assertInvalid(t, await post(app, {}, { ...BINARY, 'ce-priority': priority }), ['priority'], `binary, ${priority}`)
  }
  assertInvalid(
    t,
    await post(app, {}, { ...BINARY, 'ce-specversion': '2.0' }),
    ['specversion'],
    'a binary one of another version'
  )
})

t.test('names X-Event-Priority when it is no priority', async (t) => {
  for (const value of ['0', '11', '-1', '1.5', 'high', '0x1', '', '1, 2', '01', '001']) {
    assertInvalid(t, await post(app, { type: 'x', payload: 1, priority: 1 }, { 'x-event-priority': value }), [
      'X-Event-Priority'
    ], JSON.stringify(value))
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
