import { request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { json } from 'node:stream/consumers'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { post, postBatch, startApp, storedEvents } from '../../../app.ts'
import { assertInvalid } from './setup.ts'

const CUT = 'x\ud800'
const EVENT = { type: 'x', payload: 1 }
const CLOUD_EVENT = { specversion: '1.0', id: 'c', source: '/a', type: 'x' }
const STRUCTURED = { 'content-type': 'application/cloudevents+json' }
const BATCH = { 'content-type': 'application/cloudevents-batch+json' }
const NDJSON = { 'content-type': 'application/x-ndjson' }

/** Posts with headers as raw bytes, which inject would not send as they are. */
async function postRaw (app: FastifyInstance, body: object, headers: Record<string, string>) {
  if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  return await new Promise<{ statusCode: number, body: Record<string, unknown> }>((resolve, reject) => {
    const outgoing = request({
      host: '127.0.0.1',
      port,
      path: '/api/v1/events',
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/json', ...headers }
    }, (incoming) => {
      json(incoming).then(
        (answer) => resolve({ statusCode: incoming.statusCode ?? 0, body: answer as Record<string, unknown> }),
        reject
      )
    })
    outgoing.on('error', reject).end(Buffer.from(JSON.stringify(body)))
  })
}

const latin = (bytes: string) => Buffer.from(bytes).toString('latin1')

t.test('a field that identifies an event is well-formed, or the event is refused and the field named', async (t) => {
  const { app } = await startApp(t)
  for (const field of ['id', 'organizationId', 'type']) {
    const event = { ...EVENT, [field]: CUT }
    assertInvalid(t, await post(app, event), [field], 'a single event')
    t.match(
      (await postBatch(app, [event])).json(),
      { invalid: 1, results: [{ errors: [{ field }] }] },
      `${field} in an array`
    )
    t.match(
      (await postBatch(app, JSON.stringify(event), NDJSON)).json(),
      { invalid: 1, results: [{ errors: [{ field }] }] },
      `${field} in a stream`
    )
  }
  for (const field of ['id', 'source', 'type', 'organizationid', 'subject', 'partitionkey']) {
    const event = { ...CLOUD_EVENT, [field]: CUT }
    assertInvalid(t, await post(app, event, STRUCTURED), [field], 'a CloudEvent')
    t.match(
      (await postBatch(app, [event], BATCH)).json(),
      { invalid: 1, results: [{ errors: [{ field }] }] },
      `${field} in a batch of CloudEvents`
    )
  }
  for (const field of ['deviceId', 'sensorId', 'organizationId', 'id']) {
    const reading = { deviceId: 'd', values: { a: 1 }, [field]: CUT }
    assertInvalid(
      t,
      await app.inject({ method: 'POST', url: '/api/v1/datastreams', payload: reading }),
      [field],
      'a reading'
    )
  }
  t.strictSame(await storedEvents(app), [], 'nothing is stored')
})

t.test('a payload may hold anything that JSON has', async (t) => {
  const { app } = await startApp(t)
  t.equal((await post(app, { ...EVENT, payload: CUT })).statusCode, 202)
  t.equal((await post(app, { ...CLOUD_EVENT, data: { [CUT]: CUT } }, STRUCTURED)).statusCode, 202)
})

t.test('ids that differ in nothing but U+0000, which is well-formed, are different ids', async (t) => {
  const { app } = await startApp(t)
  const ids = ['a', 'a\0', 'a\0b', '\0a']
  for (const id of ids) t.match((await post(app, { ...EVENT, id })).json(), { id, status: 'accepted' })
  for (const id of ids) {
    t.match((await app.inject(`/api/v1/events/${encodeURIComponent(id)}`)).json(), { id, status: 'waiting' })
  }
})

t.test('a header that identifies is UTF-8, or the event is refused and the header named', async (t) => {
  const { app } = await startApp(t)
  const table: [header: string, field: string, body: object][] = [
    ['idempotency-key', 'Idempotency-Key', EVENT], ['x-event-type', 'X-Event-Type', { payload: 1 }],
    ['ce-id', 'id', {}],
    ['ce-source', 'source', {}],
    ['ce-type', 'type', {}],
    ['ce-organizationid', 'organizationid', {}],
    ['ce-subject', 'subject', {}]
  ]
  const binary = { 'ce-specversion': '1.0', 'ce-id': 'c', 'ce-source': '/a', 'ce-type': 'x' }
  for (const [header, field, body] of table) {
    const others = header.startsWith('ce-') ? { ...binary, 'ce-id': header } : {}
    const values = ['k\xff', 'k\xed\xa0\x80', ...header.startsWith('ce-') ? ['k%FF', 'k%ED%A0%80'] : []]
    for (const value of values) {
      const { statusCode, body: answer } = await postRaw(app, body, { ...others, [header]: value })
      t.match([statusCode, answer], [400, { errors: [{ field }] }], `${header}: ${JSON.stringify(value)}`)
    }
    const { statusCode } = await postRaw(app, body, { ...others, [header]: latin('ké😀') })
    t.equal(statusCode, 202, `${header} in UTF-8`)
  }
  t.equal((await storedEvents(app)).length, table.length)
})

t.test('what was posted under a header in UTF-8 is found by the text that it is', async (t) => {
  const { app } = await startApp(t)
  const accepted = await postRaw(app, EVENT, { 'idempotency-key': latin('schlüssel') })
  t.match((await app.inject(`/api/v1/events/${encodeURIComponent('schlüssel')}`)).json(), {
    id: accepted.body.id, status: 'waiting'
  })
})

t.test('questions name what is not UTF-8 or not well-formed in them', async (t) => {
  const { app } = await startApp(t)
  for (const cut of ['%FF', '%ED%A0%80']) {
    t.equal((await app.inject(`/api/v1/events/x${cut}`)).statusCode, 400, `a receipt of ${cut}`)
    for (const field of ['organizationId', 'source']) {
      const answer = await app.inject(`/api/v1/events/x?${field}=x${cut}`)
      t.match([answer.statusCode, answer.json()], [400, { errors: [{ field }] }], `a receipt with ${field}=${cut}`)
    }
    for (const field of ['type', 'organizationId']) {
      for (const method of ['GET', 'DELETE'] as const) {
        const answer = await app.inject({ method, url: `/api/v1/dead-letters?${field}=x${cut}` })
        t.match(
          [answer.statusCode, answer.json()], [400, { errors: [{ field }] }],
          `${method} of dead letters with ${field}=${cut}`
        )
      }
    }
  }
  for (const field of ['type', 'organizationId']) {
    const answer = await app.inject({
      method: 'POST', url: '/api/v1/dead-letters/replay', payload: { filter: { [field]: CUT } }
    })
    t.match(
      [answer.statusCode, answer.json()],
      [400, { errors: [{ field: `filter.${field}` }] }],
      `a replay by ${field}`
    )
  }
  t.equal(
    (await app.inject('/api/v1/dead-letters?type=a%25FF+b')).statusCode,
    200,
    'a percent sign that is meant is none of it'
  )
})
