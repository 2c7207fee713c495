import t from 'tap'
import { Webhook } from 'standardwebhooks'
import { startConsumer } from '../../rig/consumer.ts'
import { metric, post, startApp } from '../app.ts'
import { deadLettersIn } from '../services/queue/setup.ts'
import { eventually } from '../../rig/eventually.ts'

interface Delivered {
  id: string
  type: string
  source: string
  data: unknown
  priority: number
  attempt: number
  organizationid?: string
  specversion: string
}

const SECRET = `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`

t.test('delivers everything in order of priority, signed, as CloudEvents', async (t) => {
  const consumer = await startConsumer(t)
  const { app, redis } = await startApp(t)
  const posted = new Map<string, unknown>()
  for (const priority of [7, 2, 9, 1, 4]) {
    const answer = await post(app, {
      type: 'reading',
      payload: { priority, nested: [1, null] },
      priority,
      organizationId: 'acme'
    })
    posted.set(answer.json().id, { priority, nested: [1, null] })
  }
  const { app: worker } = await startApp(t, {
    env: { ROLE: 'worker', RULE_ENGINE_WORKER_CONCURRENCY: '1', DELIVERY_URL: consumer.url, DELIVERY_SECRET: SECRET },
    redis,
    handlers: 'configured'
  })
  await eventually('all are delivered', async () => await metric(worker, 'rule_engine_queue_completed_total') === 5)
  const events = consumer.calls.flatMap(({ body }) => JSON.parse(body) as Delivered[])
  t.strictSame(events.map(({ priority }) => priority), [1, 2, 4, 7, 9])
  for (const { id, data } of events) t.strictSame(data, posted.get(id))
  t.match(events[0], { specversion: '1.0', type: 'reading', organizationid: 'acme', attempt: 1, source: String })
  for (const { headers, body } of consumer.calls) {
    t.equal(headers['content-type'], 'application/cloudevents-batch+json')
    t.doesNotThrow(() => new Webhook(SECRET).verify(body, headers as Record<string, string>))
  }
})

t.test('a consumer that slows down makes the depth rise and low priority shed; when it recovers, so does the service', async (t) => {
  const consumer = await startConsumer(t)
  const held: (() => void)[] = []
  consumer.answer = (_call, reply) => { held.push(() => reply.end()) }
  const { app } = await startApp(t, {
    env: {
      ROLE: 'all', DELIVERY_URL: consumer.url, RULE_ENGINE_WORKER_CONCURRENCY: '2', BATCH_MAX_EVENTS: '4',
      QUEUE_RECOVERY_THRESHOLD: '10', QUEUE_WARNING_THRESHOLD: '20', QUEUE_CRITICAL_THRESHOLD: '40'
    },
    handlers: 'configured'
  })
  const answers = new Map<number, number>()
  const postUntil = (what: string, priority: number, isSo: () => boolean) => eventually(what, async () => {
    const { statusCode } = await post(app, { type: 'x', payload: null, priority })
    answers.set(statusCode, (answers.get(statusCode) ?? 0) + 1)
    return isSo()
  })
  await postUntil('low is shed', 8, () => (answers.get(503) ?? 0) > 0)
  t.equal(app.backpressure.signals.circuitState, 'CLOSED')
  await postUntil('the circuit opens', 5, () => app.backpressure.signals.circuitState === 'OPEN')
  t.equal((await post(app, { type: 'x', payload: null, priority: 1 })).statusCode, 202)

  consumer.answer = (_call, reply) => { reply.end() }
  for (const answer of held) answer()
  await eventually(
    'the queue is drained and the circuit closed',
    () => app.backpressure.signals.depth === 0 && app.backpressure.signals.circuitState === 'CLOSED'
  )
  t.equal((await post(app, { type: 'x', payload: null, priority: 8 })).statusCode, 202)
  await eventually(
    'all that was accepted is delivered',
    async () => await metric(app, 'rule_engine_queue_completed_total') === (answers.get(202) ?? 0) + 2
  )
  t.equal(await metric(app, 'rule_engine_queue_failed_total'), 0)
})

t.test('does what the consumer answers for each event', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = ({ body }, reply) => {
    const results = (JSON.parse(body) as Delivered[]).map(({ id, data, attempt }) => ({
      id,
      status: attempt > 1 ? 'done' : data
    }))
    reply.writeHead(207, { 'content-type': 'application/json' }).end(JSON.stringify({ results }))
  }
  const { app } = await startApp(t, {
    env: { ROLE: 'all', DELIVERY_URL: consumer.url, RETRY_BACKOFF_MS: '1' },
    handlers: 'configured'
  })
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/events/batch',
    payload: ['done', 'retry', 'dead', 'done'].map((payload) => ({ type: 'x', payload }))
  })
  const ids: string[] = answer.json().results.map(({ id }: { id: string }) => id)
  await eventually(
    'all are finished',
    async () =>
      await metric(app, 'rule_engine_queue_completed_total') === 3 &&
      await metric(app, 'rule_engine_queue_failed_total') === 1
  )
  t.equal((await deadLettersIn(app.deadLetters))[0]?.event.id, ids[2])
  const delivered = consumer.calls.flatMap(({ body }) => JSON.parse(body) as Delivered[])
  t.strictSame(delivered.filter(({ id }) => id === ids[1]).map(({ attempt }) => attempt), [1, 2])
  t.equal(delivered.length, 5, 'nothing that succeeded was delivered again')
})

t.test('waits as long as a busy consumer asks, without using up attempts', async (t) => {
  const consumer = await startConsumer(t)
  let refusals = 0
  consumer.answer = (_call, reply) => {
    if (refusals++ < 3) reply.writeHead(503, { 'retry-after': '0' }).end()
    else reply.end()
  }
  const { app } = await startApp(t, {
    env: { ROLE: 'all', DELIVERY_URL: consumer.url, EVENT_ATTEMPTS: '1' },
    handlers: 'configured'
  })
  await post(app, { type: 'x', payload: null })
  await eventually('it is delivered', async () => await metric(app, 'rule_engine_queue_completed_total') === 1)
  t.equal(consumer.calls.length, 4)
})

t.test('leaves events in the queue, where they count, while a consumer refuses everything', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply) => {
    reply.writeHead(503, { 'retry-after': '3600' }).end()
  }
  const { app } = await startApp(t, {
    env: { ROLE: 'all', DELIVERY_URL: consumer.url, RULE_ENGINE_WORKER_CONCURRENCY: '1' },
    handlers: 'configured'
  })
  let posted = 0
  await eventually('the workers pause', async () => {
    await post(app, { type: 'x', payload: posted++ })
    return (app.queueMonitor.reading?.pausedForMs ?? 0) > 0
  })
  const { depth } = app.backpressure.signals
  for (let more = 0; more < 5; more++) await post(app, { type: 'x', payload: more })
  await eventually('the rest waits', () => app.backpressure.signals.depth >= depth + 5)
  t.equal(await metric(app, 'rule_engine_queue_failed_total'), 0)
})
