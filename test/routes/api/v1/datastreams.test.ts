import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { beginPost, startApp, storedEvents } from '../../../app.ts'
import { assertInvalid, assertProblem, assertShed, startFilled, startOpen, TINIEST } from './setup.ts'

const READING = { deviceId: 'pump-7', values: { temperature: 21.5 } }

const { app } = await startApp(t, { env: { BODY_LIMIT_BYTES: '4096' } })

function postReading (app: FastifyInstance, reading: unknown, headers: Record<string, string> = {}) {
  return app.inject({
    method: 'POST', url: '/api/v1/datastreams', headers: { 'content-type': 'application/json', ...headers },
    payload: typeof reading === 'string' ? reading : JSON.stringify(reading)
  })
}

t.test('makes a telemetry-data event whose payload is the reading', async (t) => {
  const reading = {
    deviceId: 'pump-7',
    sensorId: 's1',
    values: { temperature: 21.5, state: 'on', isOpen: false, pressure: null, 'größe': 0 },
    time: '2026-03-01T10:00:00.5+01:00'
  }
  const answer = await postReading(app, { ...reading, organizationId: 'org', id: 'r-1' })
  t.equal(answer.statusCode, 202)
  t.strictSame(answer.json(), {
    id: 'r-1',
    type: 'telemetry-data',
    priority: 5,
    status: 'accepted',
    durability: 'queued'
  })
  const [event] = await storedEvents(app)
  t.strictSame(event, {
    id: 'r-1',
    type: 'telemetry-data',
    payload: reading,
    priority: 5,
    organizationId: 'org',
    occurredAt: reading.time,
    receivedAt: event?.receivedAt
  })
})

t.test('an array, or nothing, in place of a reading is refused with what to post', async (t) => {
  for (
    const [body, message] of [['[]', /^Expected one reading.* \/api\/v1\/events\/batch$/], [
      '',
      /^The body is empty; post a reading/
    ]] as const
  ) {
    const answer = await postReading(app, body)
    t.equal(answer.statusCode, 400, body)
    t.match(answer.json().errors, [{ field: '', message }], body)
  }
})

t.test('takes a device, a sensor or both', async (t) => {
  for (const source of [{ deviceId: 'd' }, { sensorId: 's' }, { deviceId: 'd', sensorId: 's' }]) {
    const answer = await postReading(app, { ...source, values: { level: 1 } })
    t.equal(answer.statusCode, 202)
    const event = (await storedEvents(app)).find(({ id }) => id === answer.json().id)
    t.strictSame(event?.payload, { ...source, values: { level: 1 } })
  }
})

t.test('takes the priority from the header, else from the map', async (t) => {
  t.equal((await postReading(app, READING, { 'x-event-priority': '9' })).json().priority, 9)
  t.match((await postReading(app, READING, { 'x-event-type': 'critical-alarm' })).json(), {
    type: 'telemetry-data',
    priority: 5
  })
  const { app: other } = await startApp(t, { env: { EVENT_PRIORITIES: '{"telemetry-data":2}' } })
  t.equal((await postReading(other, READING)).json().priority, 2)
})

t.test('names every field that is wrong, and stores nothing', async (t) => {
  const before = (await storedEvents(app)).length
  const table: [body: unknown, fields: string[]][] = [
    [{}, ['values']],
    [{ values: { a: 1 } }, ['deviceId']],
    [{ ...READING, deviceId: '' }, ['deviceId']],
    [{ ...READING, deviceId: 7 }, ['deviceId']],
    [{ ...READING, sensorId: 'x'.repeat(257) }, ['sensorId']],
    [{ ...READING, values: {} }, ['values']],
    [{ ...READING, values: [1] }, ['values']],
    [{ ...READING, values: 1 }, ['values']],
    [{ ...READING, values: { a: { deep: 1 } } }, ['values.a']],
    [{ ...READING, values: { a: 1, b: [], c: {} } }, ['values.b', 'values.c']],
    [{ ...READING, values: Object.fromEntries(Array.from({ length: 1_001 }, (_, index) => [index.toString(36), 1])) }, [
      'values'
    ]],
    [{ ...READING, time: 'noon' }, ['time']],
    [{ ...READING, time: 1_700_000_000 }, ['time']],
    [{ ...READING, organizationId: '' }, ['organizationId']],
    [{ ...READING, id: '' }, ['id']],
    [{ ...READING, priority: 1 }, ['priority']],
    [{ ...READING, type: 'x', payload: 1 }, ['type', 'payload']],
    ['"text"', ['']], ['null', ['']], [[READING], ['']]
  ]
  const { app: roomy } = await startApp(t)
  for (const [body, fields] of table)
    assertInvalid(t, await postReading(roomy, body), fields, JSON.stringify(body).slice(0, 80))
  t.equal((await storedEvents(roomy)).length, 0)
  assertInvalid(
    t,
    await postReading(app, READING, { 'x-event-priority': 'high' }),
    ['X-Event-Priority'],
    'a header that is no priority'
  )
  t.equal((await storedEvents(app)).length, before)
})

t.test('bounds the names of variables and looks at every value', async (t) => {
  for (
    const [claim, values] of [['empty', { '': 1 }], ['long', { ['n'.repeat(257)]: 1 }], ['line break', {
      'a\nb': { deep: true }
    }]] as const
  ) {
    t.equal((await postReading(app, { ...READING, values })).statusCode, 400, claim)
  }
})

t.test('refuses what cannot be parsed', async (t) => {
  assertProblem(t, await postReading(app, '{'), 400, 'invalid-request', 'malformed')
  assertProblem(
    t,
    await postReading(app, '{"deviceId":"d","values":{"__proto__":1}}'),
    400,
    'invalid-request',
    'a __proto__ key'
  )
  assertProblem(t, await postReading(app, 'a,1', { 'content-type': 'text/csv' }), 415, 'unsupported-media-type', 'CSV')
  assertProblem(
    t,
    await postReading(app, { ...READING, values: { a: 'x'.repeat(4_096) } }),
    413,
    'body-too-large',
    'too large'
  )
})

t.test('refuses a media type that only batches come in', async (t) => {
  assertProblem(
    t,
    await postReading(app, JSON.stringify(READING), { 'content-type': 'application/x-ndjson' }),
    415,
    'unsupported-media-type',
    'NDJSON'
  )
})

t.test('refuses without a look at the body, since the route says the type', async (t) => {
  const { app } = await startOpen(t)
  assertShed(
    t,
    await postReading(app, '{'.repeat(1_000_000)),
    { reason: 'circuit-open', priority: 5, queueDepth: 3 },
    'a megabyte that is not JSON'
  )
  assertShed(t, await postReading(app, '{', { 'x-event-priority': '10' }), { priority: 10 }, 'by header')
  const { statusCode, body } =
    await (await beginPost(t, app, '/api/v1/datastreams', {
      'content-type': 'application/json',
      'content-length': '1000000'
    })).answer
  t.equal(statusCode, 503, 'without a byte of the body')
  t.match(body, { reason: 'circuit-open', priority: 5 })
  assertProblem(
    t,
    await postReading(app, '{', { 'x-event-priority': '1' }),
    400,
    'invalid-request',
    'a critical header is let in and read'
  )
  t.equal((await postReading(app, READING, { 'x-event-priority': '1' })).statusCode, 202)
})

t.test('lets readings in unread when the map makes them critical, unless the queue is full', async (t) => {
  const critical = { EVENT_PRIORITIES: '{"telemetry-data":1}' }
  t.equal((await postReading((await startOpen(t, critical)).app, READING)).statusCode, 202)
  assertShed(t, await postReading((await startFilled(t, 4, { ...TINIEST, ...critical })).app, '{'), {
    reason: 'queue-full',
    priority: 1
  }, 'full')
})
