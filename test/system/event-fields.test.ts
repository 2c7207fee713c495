/*
 * A new field of an event is one line of a schema. The lines are added here before anything else is loaded; after that
 * the fields have to be on every way of an event.
 */
import t, { type Test } from 'tap'
import { Type, type TSchema } from '@sinclair/typebox'
import { attribute, EnvelopeSchema, EventInputSchema, type QueuedEvent } from '../../services/event/event.ts'
import { startConsumer, type Consumer } from '../../rig/consumer.ts'
import { eventually } from '../../rig/eventually.ts'

const addTo = (schema: { properties: object }, fields: Record<string, TSchema>) =>
  Object.assign(schema.properties, fields)

const stage = attribute('stage', Type.Optional(Type.String()))
addTo(EventInputSchema, {
  stage,
  color: attribute('colour', Type.Optional(Type.String())), grade: attribute('grade', Type.Optional(Type.Integer()))
})
addTo(EnvelopeSchema, {
  stage,
  weight: attribute('weight', Type.Optional(Type.Number())),
  notes: Type.Optional(Type.Array(Type.Object({ by: Type.String() })))
})
const { eventOfLine } = await import('../../cli/send/event-line.ts')
const { toEventData } = await import('../../services/rules/event-data.ts')
const { post, postBatch, startApp } = await import('../app.ts')

const POSTED = { color: 'red', grade: 3, stage: 'posted' }
const ASSIGNED = { weight: 2.5, notes: [{ by: 'admission' }], stage: 'assigned' }

async function startService (t: Test) {
  const consumer = await startConsumer(t)
  const { app } = await startApp(t, {
    env: { ROLE: 'all', DELIVERY_URL: consumer.url, SPOOL_CLASSES: 'critical', RETRY_BACKOFF_MS: '10' },
    handlers: 'configured'
  })
  return { app, consumer }
}

/** The deliveries of an event so far. */
function deliveriesOf ({ calls }: Consumer, id: string): Record<string, unknown>[] {
  return calls
    .flatMap(({ body }) => JSON.parse(body) as Record<string, unknown>[])
    .filter((delivered) => delivered.id === id)
}

t.test('a field that producers post is taken in every form, delivered, listed, read by rules and sent', async (t) => {
  const { app, consumer } = await startService(t)
  const event = (id: string) => ({ id, type: 'x', payload: 1, ...POSTED })
  const cloudEvent = (id: string) =>
    ({ specversion: '1.0', source: '/s', id, type: 'x', data: 1, colour: 'red', grade: 3, stage: 'posted' })
  const answers = [
    await post(app, event('single')),
    await postBatch(app, [event('array')]),
    await postBatch(app, JSON.stringify(event('line')), { 'content-type': 'application/x-ndjson' }),
    await post(app, cloudEvent('structured'), { 'content-type': 'application/cloudevents+json' }),
    await postBatch(app, [cloudEvent('batch')], { 'content-type': 'application/cloudevents-batch+json' }),
    await post(app, '1', {
      'ce-specversion': '1.0',
      'ce-source': '/s',
      'ce-id': 'binary',
      'ce-type': 'x',
      'ce-colour': 'red',
      'ce-grade': '3',
      'ce-stage': 'posted'
    })
  ]
  t.strictSame(answers.map(({ statusCode }) => statusCode), answers.map(() => 202))
  for (const id of ['single', 'array', 'line', 'structured', 'batch', 'binary']) {
    await eventually(`${id} is delivered`, () => deliveriesOf(consumer, id).length > 0)
    t.match(deliveriesOf(consumer, id), [{ colour: 'red', grade: 3, stage: 'posted' }], id)
  }
  t.match((await post(app, { ...event('wrong'), grade: 'high' })).json(), { errors: [{ field: 'grade' }] })
  const { events } = (await app.inject('/api/v1/events')).json() as { events: object[] }
  t.equal(events.length, answers.length)
  for (const listed of events) t.match(listed, POSTED)

  const queued = { ...ASSIGNED, ...event('a'), priority: 5, receivedAt: '2026-03-01T10:00:00.000Z' }
  t.strictSame(toEventData(queued), { ...event('a'), priority: 5, receivedAt: queued.receivedAt })
  t.match(eventOfLine(event('a'), JSON.stringify(event('a')), { type: 'other', priority: undefined }, 'b'), {
    ok: true, event: event('a')
  }, 'it is an event, and not a payload')
  t.match((await app.inject('/openapi.json')).json().paths['/api/v1/events'].post.requestBody.content, {
    'application/json': { schema: { properties: { color: { type: 'string' } } } },
    'application/cloudevents+json': { schema: { properties: { colour: { type: 'string' } } } }
  })
})

t.test('a field that Spillway assigns is stored, retried, dead-lettered, replayed, spooled and delivered', async (t) => {
  const { app, consumer } = await startService(t)
  let statuses = ['retry', 'dead', 'done']
  consumer.answer = ({ body }, reply) => {
    const events = JSON.parse(body) as { id: string }[]
    const results = events.map(({ id }) => ({ id, status: statuses.shift() ?? 'done' }))
    reply.writeHead(207, { 'content-type': 'application/json' }).end(JSON.stringify({ results }))
  }
  const publish = async (id: string, durability: 'queued' | 'spooled') => {
    const text = JSON.stringify({ id, type: 'x', payload: 1, priority: 1, stage: 'posted' })
    const event: QueuedEvent =
      { id, type: 'x', payload: 1, priority: 1, receivedAt: '2026-03-01T10:00:00.000Z', ...ASSIGNED }
    t.match(await app.eventBus.publish(event, { text, durability }), { status: 'accepted', durability })
  }
  await publish('queued', 'queued')
  const letters = async () => (await app.inject('/api/v1/dead-letters')).json().deadLetters as { event: object }[]
  await eventually('it is a dead letter', async () => (await letters()).length === 1)
  t.match(await letters(), [{ event: { id: 'queued', ...ASSIGNED, attempt: 2 } }])
  await app.inject({ method: 'POST', url: '/api/v1/dead-letters/replay', payload: { filter: {} } })
  await eventually('it is replayed', () => deliveriesOf(consumer, 'queued').length === 3)
  t.match(deliveriesOf(consumer, 'queued'), [1, 2, 1].map((attempt) => ({ weight: 2.5, stage: 'assigned', attempt })))
  t.equal(consumer.calls[0]?.body.split('"stage"').length, 2, 'what is posted and assigned is delivered once')
  t.notOk('notes' in deliveriesOf(consumer, 'queued')[0]!, 'one without an attribute stays inside')

  statuses = ['dead']
  await publish('spooled', 'spooled')
  await eventually('the spool is drained', async () => (await letters()).length === 1)
  t.match(await letters(), [{ event: { id: 'spooled', ...ASSIGNED } }])
})
