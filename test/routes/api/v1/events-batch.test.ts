import t from 'tap'
import { postBatch, startApp, storedEvents } from '../../../app.ts'
import { assertInvalid, assertProblem } from './setup.ts'
import { cloudEvent, CLOUD_EVENTS, event, line, LOW_LIMITS, NDJSON } from './readings.ts'

// One app for everything that its queue does not need to be empty for.
const { app } = await startApp(t, { env: LOW_LIMITS })
const storedPayloads = async () => (await storedEvents(app)).map(({ payload }) => payload)

t.test('answers 202 when all of an array is stored, with a result for each event', async (t) => {
  const answer = await postBatch(app, [event('a-0'), { ...event('a-1'), id: 'mine' }, event('a-2', 1)])
  t.equal(answer.statusCode, 202)
  const { results, ...counts } = answer.json()
  t.strictSame(counts, {
    accepted: 3,
    duplicate: 0,
    durability: { queued: 3, synced: 0, spooled: 0 },
    shed: 0,
    invalid: 0
  })
  t.match(results, [0, 1, 2].map((index) => ({ index, status: 'accepted', id: String })))
  t.equal(results[1].id, 'mine')
  const events = new Map((await storedEvents(app)).map((event) => [event.id, event]))
  for (const [index, { id }] of results.entries())
    t.match(events.get(id), { payload: `a-${index}`, priority: index === 2 ? 1 : 5 })
})

t.test('answers 207 when some are invalid, and names their fields', async (t) => {
  const answer = await postBatch(app, [event('m-0'), { type: 'x' }, 7, event('m-1', 11), null, event('m-2')])
  t.equal(answer.statusCode, 207)
  t.equal(answer.headers['retry-after'], undefined)
  t.match(answer.json(), {
    accepted: 2, shed: 0, invalid: 4,
    results: [
      { index: 0, status: 'accepted', id: String },
      { index: 1, status: 'invalid', reason: 'invalid-event', errors: [{ field: 'payload', message: String }] },
      { index: 2, status: 'invalid', reason: 'invalid-event', errors: [{ field: '', message: String }] },
      { index: 3, status: 'invalid', reason: 'invalid-event', errors: [{ field: 'priority', message: String }] },
      { index: 4, status: 'invalid', reason: 'invalid-event', errors: [{ field: '', message: String }] },
      { index: 5, status: 'accepted', id: String }
    ]
  })
  const payloads = await storedPayloads()
  t.strictSame(['m-0', 'm-1', 'm-2'].map((payload) => payloads.includes(payload)), [true, false, true])
})

t.test('answers 400 when all are invalid', async (t) => {
  for (const answer of [await postBatch(app, [{}, 1]), await postBatch(app, '{}\n1', NDJSON)]) {
    assertProblem(t, answer, 400, 'invalid-event', 'none is valid')
    t.match(answer.json(), {
      accepted: 0,
      invalid: 2,
      results: [{ index: 0, errors: [{ field: 'type' }, { field: 'payload' }] }, { index: 1, errors: [{ field: '' }] }]
    })
  }
})

t.test('an empty batch of CloudEvents is stored, with nothing in it', async (t) => {
  for (const type of ['application/cloudevents-batch+json', 'Application/CloudEvents-Batch+JSON; charset=utf-8']) {
    const answer = await postBatch(app, ' [ ] ', { 'content-type': type })
    t.equal(answer.statusCode, 202, type)
    t.strictSame(answer.json(), {
      accepted: 0, duplicate: 0, shed: 0, invalid: 0, durability: { queued: 0, synced: 0, spooled: 0 }, results: []
    })
  }
})

t.test('refuses what is no batch', async (t) => {
  assertInvalid(t, await postBatch(app, '{"type":"x","payload":1}'), [''], 'one event')
  assertInvalid(t, await postBatch(app, '"text"'), [''], 'text')
  assertInvalid(t, await postBatch(app, []), [''], 'an empty array')
  assertInvalid(t, await postBatch(app, '', NDJSON), [''], 'an empty stream')
  assertInvalid(t, await postBatch(app, '', CLOUD_EVENTS), [''], 'no batch of CloudEvents at all')
  assertInvalid(t, await postBatch(app, '\n \r\n\t\n', NDJSON), [''], 'a stream of blank lines')
  assertInvalid(t, await app.inject({ method: 'POST', url: '/api/v1/events/batch' }), [''], 'no body at all')
  assertProblem(t, await postBatch(app, '[{}'), 400, 'invalid-request', 'half an array')
  assertProblem(t, await postBatch(app, '[{"__proto__":{}}]'), 400, 'invalid-request', 'a __proto__ key')
  assertProblem(t, await postBatch(app, 'x', { 'content-type': 'text/csv' }), 415, 'unsupported-media-type', 'CSV')
  assertProblem(
    t,
    await postBatch(app, [event('x'.repeat(16_384))]),
    413,
    'body-too-large',
    'an array of too many bytes'
  )
  assertProblem(
    t,
    await postBatch(app, Array.from({ length: 101 }, () => event(1))),
    413,
    'too-many-events',
    'an array of too many events'
  )
  for (const headers of [{}, NDJSON, CLOUD_EVENTS]) {
    assertInvalid(
      t,
      await postBatch(app, line(1), { ...headers, 'x-event-priority': 'low' }),
      ['X-Event-Priority'],
      'a header that is no priority'
    )
  }
})

t.test('lets the headers say priority and type of all events', async (t) => {
  for (
    const [body, headers] of [[JSON.stringify([{ payload: 'h' }, { payload: 'h', priority: 1 }]), {}], [
      '{"payload":"h"}\n{"payload":"h","priority":1}',
      NDJSON
    ]] as const
  ) {
    t.equal(
      (await postBatch(app, body, { ...headers, 'x-event-priority': '3', 'x-event-type': 'from-header' })).statusCode,
      202
    )
  }
  const events = (await storedEvents(app)).filter(({ payload }) => payload === 'h')
  t.strictSame(
    events.map(({ type, priority }) => [type, priority]),
    Array.from({ length: 4 }, () => ['from-header', 3])
  )
})

t.test('stores a CloudEvents batch', async (t) => {
  const answer = await postBatch(
    app,
    [cloudEvent('b-0'), { ...cloudEvent('b-1'), source: '' }, cloudEvent('b-2')],
    CLOUD_EVENTS
  )
  t.equal(answer.statusCode, 207)
  t.match(answer.json(), {
    accepted: 2,
    invalid: 1,
    results: [{ id: 'b-0' }, { status: 'invalid', errors: [{ field: 'source' }] }, { id: 'b-2' }]
  })
  const events = (await storedEvents(app)).filter(({ id }) => id.startsWith('b-'))
  t.match(
    events.map(({ id, payload, attributes }) => ({ id, payload, attributes })),
    ['b-0', 'b-2'].map((id) => ({ id, payload: { id }, attributes: { source: '/machines/7' } }))
  )
  t.equal(
    (await postBatch(app, [cloudEvent('b-3')], { 'content-type': `${CLOUD_EVENTS['content-type']}; charset=utf-8` }))
      .statusCode,
    202
  )
  assertProblem(
    t,
    await postBatch(app, [cloudEvent('b-4')]),
    400,
    'invalid-event',
    'CloudEvents under another media type'
  )
})

t.test('refuses an event of an array beyond the limit of one, and takes the others', async (t) => {
  for (
    const [body, headers] of [[[event('a-small'), event('x'.repeat(2_000))], {}], [[cloudEvent('a-tiny'), {
      ...cloudEvent('a-large'),
      data: 'x'.repeat(2_000)
    }], CLOUD_EVENTS]] as const
  ) {
    const answer = await postBatch(app, body, headers)
    t.equal(answer.statusCode, 207)
    t.match(answer.json(), {
      accepted: 1,
      invalid: 1,
      results: [{ status: 'accepted' }, {
        index: 1,
        status: 'invalid',
        reason: 'event-too-large',
        errors: [{ field: '', message: /Larger than 1024 bytes/ }]
      }]
    })
  }
})

t.test('leaves out errors that would make an answer long, and says so', async (t) => {
  const { app } = await startApp(t)
  const wrong = Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`${'N'.repeat(240)}${index}`, 1]))
  const answer = await postBatch(app, Array.from({ length: 1_000 }, () => ({ type: 'x', payload: 1, ...wrong })))
  const { invalid, results, errorsTruncated } = answer.json()
  t.strictSame([answer.statusCode, invalid, results.length, errorsTruncated], [400, 1_000, 1_000, true])
  t.equal(results[0].errors.length, 10)
  t.match(results[999], { index: 999, status: 'invalid', reason: 'invalid-event', errors: undefined })
  t.ok(answer.body.length < 1_500_000)
})
