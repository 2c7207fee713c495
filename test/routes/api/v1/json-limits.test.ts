import t from 'tap'
import { startApp } from '../../../app.ts'

const JSON_TYPE = 'application/json'
const CLOUD_EVENT = '"specversion":"1.0","id":"1","source":"/s","type":"x"'

const EXCESSIVE: Record<string, string> = {
  'nested deeper than 100 levels': `${'['.repeat(101)}${']'.repeat(101)}`,
  'made of more than 20000 different names': `{${
    Array.from({ length: 22_000 }, (_, index) => `"name ${index}":1`).join(',')
  }}`,
  'made of more than 100000 objects and arrays': `[${'{},'.repeat(100_000)}0]`
}

const BINARY = { 'ce-specversion': '1.0', 'ce-id': '1', 'ce-source': '/s', 'ce-type': 'x' }

/** All that a single event may be posted as, around a payload. */
const SINGLE: [
  form: string,
  path: string,
  type: string,
  body: (payload: string) => string,
  headers?: Record<string, string>
][] = [
  ['an event', 'events', JSON_TYPE, (payload) => `{"type":"x","payload":${payload}}`],
  ['a CloudEvent', 'events', 'application/cloudevents+json', (payload) => `{${CLOUD_EVENT},"data":${payload}}`],
  ['a binary CloudEvent', 'events', JSON_TYPE, (payload) => payload, BINARY],
  ['a reading', 'datastreams', JSON_TYPE, (payload) => `{"deviceId":"d","values":{"a":${payload}}}`]
]

/** Bodies of many events, of which one has the payload and another is none the worse for it. */
const MANY: [form: string, type: string, body: (payload: string) => string][] = [
  ['an array', JSON_TYPE, (payload) => `[{"type":"x","payload":${payload}},{"type":"x","payload":1}]`],
  [
    'a batch of CloudEvents',
    'application/cloudevents-batch+json',
    (payload) => `[{${CLOUD_EVENT},"data":${payload}},{${CLOUD_EVENT}}]`
  ],
  ['a stream', 'application/x-ndjson', (payload) => `{"type":"x","payload":${payload}}\n{"type":"x","payload":1}\n`]
]

t.test('no form of an event passes a limit on JSON', async (t) => {
  // The other event of each body is the same.
  const { app } = await startApp(t, { env: { IDEMPOTENCY_TTL_MS: '0' } })
  for (const [limit, payload] of Object.entries(EXCESSIVE)) {
    for (const [form, path, type, body, headers] of SINGLE) {
      const answer = await app.inject({
        method: 'POST', url: `/api/v1/${path}`, headers: { 'content-type': type, ...headers }, payload: body(payload)
      })
      t.equal(answer.statusCode, 400, `${form}, ${limit}`)
      t.equal(answer.json().detail, `The body is ${limit}`, form)
    }
    for (const [form, type, body] of MANY) {
      const answer = await app.inject({
        method: 'POST', url: '/api/v1/events/batch', headers: { 'content-type': type }, payload: body(payload)
      })
      t.equal(answer.statusCode, 207, `${form}, ${limit}`)
      const { accepted, results } = answer.json()
      const refused = results.filter(({ status }: { status: string }) => status === 'invalid')
      t.equal(accepted, 1, form)
      t.match(refused, [{ reason: 'invalid-event' }], form)
      t.ok(JSON.stringify(refused).includes(limit), form)
    }
  }
})
