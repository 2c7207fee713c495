import type { ServerResponse } from 'node:http'
import t from 'tap'
import { idsOf } from '../services/delivery/client.ts'
import { startConsumer } from '../../rig/consumer.ts'
import { metric, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { deadLettersIn } from '../services/queue/setup.ts'
import { startServer } from '../../rig/spawned-server.ts'

const EVENTS = Array.from({ length: 6 }, (_, payload) => ({ type: 'x', payload, id: `e${payload}` }))

t.test('a worker that was frozen while the consumer took its time writes nothing of a batch that another one delivered meanwhile', async (t) => {
  const { app, redis } = await startApp(t)
  const consumer = await startConsumer(t)
  const replies: ServerResponse[] = []
  consumer.answer = (_call, reply) => { replies.push(reply) }
  const env = { REDIS_URL: redis.url, DELIVERY_URL: consumer.url, ROLE: 'worker', EVENT_ATTEMPTS: '3' }
  const frozen = await startServer(t, env)
  t.equal((await postBatch(app, EVENTS)).statusCode, 202)
  await eventually('the consumer has it', () => replies.length === 1)
  frozen.child.kill('SIGSTOP')

  consumer.answer = (_call, reply) => { reply.end() }
  await startServer(t, env)
  await eventually(
    'another worker delivers all of it',
    async () => await metric(app, 'rule_engine_queue_completed_total') === EVENTS.length
  )
  // Had it kept the lock, two would be dead letters, two would be tried again, and the last two were delivered.
  const statuses = ['dead', 'dead', 'retry', 'retry', 'done', 'done']
  replies[0]?.writeHead(207)
    .end(JSON.stringify({ results: EVENTS.map(({ id }, index) => ({ id, status: statuses[index] })) }))
  frozen.child.kill('SIGCONT')

  await eventually('it says that it lost the batch', () => frozen.log.some(({ event }) => event === 'batch-lost'))
  t.strictSame(await deadLettersIn(app.deadLetters), [])
  t.match(await app.queue.sample(), {
    done: EVENTS.length,
    dead: 0,
    jobs: { waiting: 0, delayed: 0, active: 0, failed: 0 }
  })
  t.strictSame(consumer.calls.map(idsOf), [EVENTS, EVENTS].map((events) => events.map(({ id }) => id)))
})
