import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import t from 'tap'
import { post, startApp, storedEvents } from '../../../app.ts'
import { assertInvalid } from './setup.ts'

const CLOUD_EVENT = { specversion: '1.0', id: 'ce-1', source: '/machines/7', type: 'started' }
const STRUCTURED = { 'content-type': 'application/cloudevents+json' }
const BINARY = { 'ce-specversion': '1.0', 'ce-id': 'ce-1', 'ce-source': '/machines/7', 'ce-type': 'started' }
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

// One app for everything that its queue does not need to be empty for.
const { app } = await startApp(t, {
  env: { EVENT_PRIORITIES: '{"alarm":1,"report":9}', DEFAULT_EVENT_PRIORITY: '7', BODY_LIMIT_BYTES: '4096' }
})
const stored = async (id: string) => (await storedEvents(app)).filter((event) => event.id === id)

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
