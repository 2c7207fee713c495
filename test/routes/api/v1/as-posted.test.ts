import t from 'tap'
import { post, postBatch, startApp, storedEvents } from '../../../app.ts'

const { app } = await startApp(t)

/** The data of all jobs, as Redis has it. */
async function storedData (): Promise<string[]> {
  const jobs = await app.queue.bullmq.getJobs(['prioritized'])
  return Promise.all(jobs.map(async ({ id }) => await app.redis.hget(app.queue.bullmq.toKey(id as string), 'data') as string))
}

t.test('an event is stored in the text that it was posted in', async (t) => {
  const text = '{ "payload": {"mass": 1.0, "count": 12345678901234567890},\n "type":"weighed" , "priority": 4 }'
  t.equal((await post(app, text, { 'x-event-priority': '2' })).statusCode, 202)
  t.ok((await storedData()).some((data) => data.includes(text)))
  t.match((await storedEvents(app)).find(({ type }) => type === 'weighed'), { payload: { mass: 1 }, priority: 2 }, 'the header says what priority it has')
})

t.test('the lines of a stream are stored as they came', async (t) => {
  const lines = ['{"type":"line","payload":1.50}', ' {"type":"line","payload":"2"}\r', '{"payload":{"a":[3e0]},"type":"line","id":"own"}']
  t.match((await postBatch(app, lines.join('\n'), { 'content-type': 'application/x-ndjson' })).json(), { accepted: 3 })
  t.ok((await storedData()).some((data) => data.includes(lines.join(','))))
  t.match((await storedEvents(app)).filter(({ type }) => type === 'line'), [{ payload: 1.5 }, { payload: '2' }, { payload: { a: [3] }, id: 'own' }])
})

t.test('what stands around an event does not get in the way of its neighbours', async (t) => {
  const marked = Buffer.from('\ufeff{"type":"marked","payload":1}')
  t.equal((await app.inject({ method: 'POST', url: '/api/v1/events', payload: marked, headers: { 'content-type': 'application/json' } })).statusCode, 202)
  t.match((await postBatch(app, Buffer.concat([marked, Buffer.from('\n'), marked]), { 'content-type': 'application/x-ndjson' })).json(), { accepted: 2 })
  t.equal((await storedEvents(app)).filter(({ type }) => type === 'marked').length, 3)
})

t.test('an event whose text does not say all of it is stored whole', async (t) => {
  t.equal((await post(app, '{"payload":7}', { 'x-event-type': 'named-outside' })).statusCode, 202)
  t.match((await storedEvents(app)).find(({ type }) => type === 'named-outside'), { payload: 7, priority: 5 })
})
