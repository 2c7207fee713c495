import t from 'tap'
import { beginPost, post, postBatch, startApp } from '../../../app.ts'
import { bullmqOf } from '../../../bullmq.ts'
import { event } from './readings.ts'

t.test('bounds the bytes of a job, however the body arrives', async (t) => {
  const { app } = await startApp(t, { env: { BATCH_MAX_BYTES: '1024' } })
  const body = JSON.stringify([1, 2, 3, 4].map(() => event('x'.repeat(1_000))))
  for (
    const [jobs, name, value] of [[4, 'content-length', String(body.length)], [
      8,
      'transfer-encoding',
      'chunked'
    ]] as const
  ) {
    const request = await beginPost(t, app, '/api/v1/events/batch', {
      'content-type': 'application/json',
      [name]: value
    })
    request.write(body)
    request.end()
    t.equal((await request.answer).statusCode, 202)
    t.equal(await bullmqOf(app).getPrioritizedCount(), jobs, name)
  }
})

t.test('writes the events of one request in as few jobs as it may', async (t) => {
  const { app } = await startApp(t, { env: { BATCH_MAX_EVENTS: '10' } })
  await postBatch(app, Array.from({ length: 25 }, (_, index) => event(index, index % 5 === 4 ? 2 : 8)))
  const sizes = (await bullmqOf(app).getJobs(['prioritized'], 0, -1, true)).map((
    { data }
  ) => [data.events[0]?.priority, data.events.length])
  t.strictSame(sizes, [[2, 5], [8, 10], [8, 10]])
  t.equal((await post(app, event(0))).statusCode, 202)
})
