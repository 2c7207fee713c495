import fc from 'fast-check'
import t from 'tap'
import { post, postBatch, startApp, storedEvents } from '../../../app.ts'
import { bullmqOf } from '../../../bullmq.ts'

const { app } = await startApp(t)

/** The data of all jobs, as Redis has it. */
async function storedData (): Promise<string[]> {
  const jobs = await bullmqOf(app).getJobs(['prioritized'])
  return Promise
    .all(jobs.map(async ({ id }) => await app.redis.hget(app.queue.keys.jobs.of(id as string), 'data') as string))
}

t.test('an event is stored in the text that it was posted in', async (t) => {
  const text = '{ "payload": {"mass": 1.0, "count": 12345678901234567890},\n "type":"weighed" , "priority": 4 }'
  t.equal((await post(app, text, { 'x-event-priority': '2' })).statusCode, 202)
  t.ok((await storedData()).some((data) => data.includes(text)))
  t.match(
    (await storedEvents(app)).find(({ type }) => type === 'weighed'),
    { payload: { mass: 1 }, priority: 2 },
    'the header says what priority it has'
  )
})

t.test('the lines of a stream are stored as they came', async (t) => {
  const lines = [
    '{"type":"line","payload":1.50}',
    ' {"type":"line","payload":"2"}\r',
    '{"payload":{"a":[3e0]},"type":"line","id":"own"}'
  ]
  t.match((await postBatch(app, lines.join('\n'), { 'content-type': 'application/x-ndjson' })).json(), { accepted: 3 })
  t.ok((await storedData()).some((data) => data.includes(lines.join(','))))
  t.match((await storedEvents(app)).filter(({ type }) => type === 'line'), [{ payload: 1.5 }, { payload: '2' }, {
    payload: { a: [3] },
    id: 'own'
  }])
})

t.test('what stands around an event does not get in the way of the others', async (t) => {
  const marked = Buffer.from('\ufeff{"type":"marked","payload":1}')
  t.equal(
    (await app.inject({
      method: 'POST',
      url: '/api/v1/events',
      payload: marked,
      headers: { 'content-type': 'application/json' }
    })).statusCode,
    202
  )
  t.match(
    (await postBatch(app, Buffer.concat([marked, Buffer.from('\n'), marked]), {
      'content-type': 'application/x-ndjson'
    })).json(),
    { accepted: 2 }
  )
  t.equal((await storedEvents(app)).filter(({ type }) => type === 'marked').length, 3)
})

t.test('an event whose text does not say all of it is stored whole', async (t) => {
  t.equal((await post(app, '{"payload":7}', { 'x-event-type': 'named-outside' })).statusCode, 202)
  t.match((await storedEvents(app)).find(({ type }) => type === 'named-outside'), { payload: 7, priority: 5 })
})

t.test('stores any payload unchanged', async (t) => {
  const payload = fc.jsonValue().filter((value) => !/"(__proto__|constructor)"/.test(JSON.stringify(value)))
  let posted = 0
  const expected = new Map<string, unknown>()
  await fc.assert(fc.asyncProperty(payload, async (payload) => {
    const id = `payload-${posted++}`
    expected.set(id, JSON.parse(JSON.stringify(payload)))
    t.equal((await post(app, { type: 'reading', payload, id })).statusCode, 202)
  }), { numRuns: 50 })
  for (const { id, payload } of await storedEvents(app)) {
    if (!expected.has(id)) continue
    t.strictSame(payload, expected.get(id))
    expected.delete(id)
  }
  t.equal(expected.size, 0)
})

t.test('the elements of an array are stored as they came', async (t) => {
  const elements = [
    '{"type":"element","payload":9007199254740993}',
    '{ "payload":1e400,"type":"element" }',
    '{"type":"element","payload":[1.0 , "]"],"id":"last"}'
  ]
  t.match((await postBatch(app, `\n[ ${elements.join(' , ')}\n]`)).json(), { accepted: 3 })
  t.ok((await storedData()).some((data) => data.includes(elements.join(','))))
})

t.test('refuses what could not be stored as it came', async (t) => {
  const { app } = await startApp(t)
  const nested = (levels: number) => `{"type":"x","payload":${'['.repeat(levels)}${']'.repeat(levels)}}`
  t.equal((await post(app, nested(98))).statusCode, 202)
  for (const levels of [100, 4_400, 100_000]) {
    const answer = await post(app, nested(levels))
    t.equal(answer.statusCode, 400, `${levels} levels`)
    t.match(answer.json().detail, /nested deeper than 100 levels/)
  }
  const raw = (payload: Buffer, headers: Record<string, string> = {}) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/events',
      payload,
      headers: { 'content-type': 'application/json', ...headers }
    })
  t.match((await raw(Buffer.from('{"type":"x","payload":"\xff"}', 'latin1'))).json(), {
    status: 400,
    detail: /not UTF-8/
  })
  t.match(
    (await raw(Buffer.from('{"type":"x","payload":"é"}', 'latin1'), {
      'content-type': 'application/json; charset=iso-8859-1'
    })).json(),
    { status: 415, detail: /iso-8859-1/ }
  )
  t.equal(
    (await raw(Buffer.from('{"type":"x","payload":"é"}'), { 'content-type': 'application/json; charset=UTF-8' }))
      .statusCode,
    202
  )
})
