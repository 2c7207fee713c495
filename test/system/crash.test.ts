import t from 'tap'
import { startConsumer } from '../../rig/consumer.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'
import { startReadyServer, startServer } from '../../rig/spawned-server.ts'
import { QUIET, settles, startPosting } from './posting.ts'

t.test('a worker that is killed in the middle of a batch loses nothing', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const consumer = await startConsumer(t)
  const env = { ...QUIET, REDIS_URL: redis.url, DELIVERY_URL: consumer.url }
  const api = await startReadyServer(t, { ...env, ROLE: 'api' })
  // Holds its calls open, so that the worker is in the middle of its batches.
  consumer.answer = () => {}
  const first = await startServer(t, { ...env, ROLE: 'worker' })
  const events = Array.from({ length: 500 }, (_, index) => ({ type: 'x', payload: index, id: `event-${index}` }))
  const answer = await fetch(`${api.url}/api/v1/events/batch`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(events)
  })
  t.equal(answer.status, 202)
  await eventually('the worker is delivering', () => consumer.calls.length > 0)
  await first.kill('SIGKILL')
  consumer.calls.length = 0
  consumer.answer = (_call, reply) => { reply.end() }
  await startServer(t, { ...env, ROLE: 'worker' })
  await settles(t, api, consumer, events.map(({ id }) => id))
})

t.test('an API that is killed under load has kept what it accepted', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const consumer = await startConsumer(t)
  const env = { ...QUIET, REDIS_URL: redis.url, DELIVERY_URL: consumer.url }
  let api = await startReadyServer(t, { ...env, ROLE: 'api' })
  await startServer(t, { ...env, ROLE: 'worker' })
  const posting = startPosting(t, () => api.url)
  for (let kills = 1; kills <= 2; kills++) {
    await eventually('events are accepted', () => posting.accepted.length >= kills * 300)
    await api.kill('SIGKILL')
    api = await startReadyServer(t, { ...env, ROLE: 'api' })
  }
  await posting.stop()
  await settles(t, api, consumer, posting.accepted)
})
