import assert from 'node:assert/strict'
import type { FastifyInstance } from 'fastify'
import fc from 'fast-check'
import t from 'tap'
import { cloudEventJson } from '../../../../services/event/cloud-event.ts'
import type { QueuedEvent } from '../../../../services/event/event.ts'
import { post, postBatch, startApp, storedEvents } from '../../../app.ts'

type Members = Record<string, unknown>

const FORMS = ['structured', 'binary', 'batch'] as const

/** Names that are no extension that is only the producer's. */
const TAKEN = new Set([
  'specversion', 'id', 'source', 'type', 'time', 'subject', 'dataschema', 'datacontenttype', 'data', 'priority',
  'organizationid', 'attempt', 'traceparent', 'tracestate'
])

const text = (maxLength: number, minLength = 1) => fc.string({ unit: 'grapheme', minLength, maxLength })
const extensionName = fc.oneof(
  fc.stringMatching(/^[a-z0-9]{1,20}$/),
  fc.constantFrom('constructor', 'valueof', 'payload', 'receivedat', 'hops', 'trace')
).filter((name) => !TAKEN.has(name))
const extensions = fc.dictionary(
  extensionName, fc.oneof(text(12, 0), fc.integer(), fc.boolean()), { maxKeys: 5, noNullPrototype: true }
)
const time = fc.tuple(
  fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
  fc.constantFrom('Z', '+05:30', '-00:00')
).map(([date, offset]) => date.toISOString().replace('Z', offset))

const members = fc.record({
  source: text(20),
  type: text(20),
  time,
  subject: text(20),
  dataschema: fc.webUrl(),
  priority: fc.integer({ min: 1, max: 10 }),
  organizationid: text(10),
  datacontenttype: fc.constantFrom('application/json'),
  // Names that lead to a prototype are refused with the body.
  data: fc.jsonValue({ maxDepth: 3 }).filter((value) => !JSON.stringify(value).includes('__proto__'))
}, { requiredKeys: ['source', 'type'] })

const posting = fc.record({ members, extensions, form: fc.constantFrom(...FORMS), id: text(10) })

function headersOf (event: Members): Record<string, string> {
  const { data: _, datacontenttype: __, ...attributes } = event
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [
    `ce-${name}`, encodeURIComponent(String(value))
  ]))
}

function postBinary (app: FastifyInstance, event: Members) {
  const headers = headersOf(event)
  return event.data === undefined
    ? app.inject({ method: 'POST', url: '/api/v1/events', headers })
    : post(app, JSON.stringify(event.data), headers)
}

async function postAll (app: FastifyInstance, events: readonly { form: (typeof FORMS)[number], event: Members }[]) {
  const of = (wanted: string) => events.filter(({ form }) => form === wanted).map(({ event }) => event)
  return [
    await postBatch(app, of('batch'), { 'content-type': 'application/cloudevents-batch+json' }),
    ...await Promise.all(of('binary').map((event) => postBinary(app, event))),
    ...await Promise.all(of('structured').map((event) =>
      post(app, event, { 'content-type': 'application/cloudevents+json' })))
  ]
}

t.test('a CloudEvent is delivered with all that it was posted with, in every mode', async (t) => {
  const { app } = await startApp(t)
  let run = 0
  const law = fc.asyncProperty(fc.array(posting, { minLength: 1, maxLength: 15 }), async (postings) => {
    run++
    const events = postings.map(({ members, extensions, form, id }, index) => ({
      form,
      extensions,
      event: { specversion: '1.0', id: `${run}.${index} ${id}`, ...members, ...extensions } as Members
    }))
    for (const { statusCode, body } of await postAll(app, events)) if (statusCode !== 202) throw new Error(body)
    const stored = await storedEvents(app)
    for (const { form, extensions, event } of events) {
      const queued = stored.find(({ id }) => id === event.id) as QueuedEvent
      // A header is text, whatever the attribute was.
      const inText = form === 'binary' ? Object.entries(extensions).map(([name, value]) => [name, String(value)]) : []
      const expected = {
        ...event,
        ...Object.fromEntries(inText) as Members,
        time: event.time ?? queued.receivedAt,
        priority: event.priority ?? 5,
        attempt: 1,
        datacontenttype: event.data === undefined ? undefined : 'application/json'
      }
      assert.deepStrictEqual(JSON.parse(cloudEventJson(queued)), JSON.parse(JSON.stringify(expected)))
    }
  })
  await t.resolves(fc.assert(law, { numRuns: 25 }))
})
