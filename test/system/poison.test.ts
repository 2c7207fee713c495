import t, { type Test } from 'tap'
import { idsOf, refuse, refuseAll } from '../services/delivery/client.ts'
import { refusedUrl, startConsumer } from '../../rig/consumer.ts'
import { metric, post, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { deadLettersIn } from '../services/queue/setup.ts'

const DONE = 'rule_engine_queue_completed_total'
const DEAD = 'rule_engine_queue_failed_total'
const HOUR_S = '1000000000'

async function startDelivery (t: Test, env: Record<string, string> = {}) {
  const consumer = await startConsumer(t)
  const { app, redis } = await startApp(t, {
    env: { ROLE: 'all', DELIVERY_URL: consumer.url, RETRY_BACKOFF_MS: '1', ...env },
    handlers: 'configured'
  })
  return { consumer, app, redis }
}

t.test('delivers all but the event that is refused, and ends that one as a dead letter, whatever the status', async (t) => {
  const { consumer, app } = await startDelivery(t, { DELIVERY_MAX_DEFERRALS: '1', DELIVERY_MAX_RETRY_AFTER_MS: '250' })
  let done = 0
  let dead = 0
  for (const status of [503, 429, 500, 408, 400, 413, 302]) {
    refuse(consumer, status, ['culprit'], { 'retry-after': HOUR_S })
    await postBatch(
      app,
      Array.from({ length: 20 }, (_, index) => ({
        type: 'x', payload: null, ...(index === 12 && { id: 'culprit', organizationId: String(status) })
      }))
    )
    await eventually(
      `19 are delivered and one is dead after ${status}`,
      async () => (await metric(app, DONE)) === done + 19 && (await metric(app, DEAD)) === dead + 1
    )
    done += 19
    dead++
  }
  t.strictSame([...new Set((await deadLettersIn(app.deadLetters)).map(({ event: { id } }) => id))], ['culprit'])
})

t.test('makes no dead letter while a deployment answers 404 to everything, and delivers it all afterwards', async (t) => {
  const { consumer, app } = await startDelivery(t)
  refuseAll(consumer, 404)
  await postBatch(app, Array.from({ length: 40 }, (_, payload) => ({ type: 'x', payload })))
  await eventually('deliveries pause', () => (app.queueMonitor.reading?.pausedForMs ?? 0) > 0)
  const calls = consumer.calls.length
  await eventually('it is asked again', () => consumer.calls.length > calls + 1)
  consumer.answer = (_call, reply) => { reply.end() }
  await eventually('all are delivered', async () => await metric(app, DONE) === 40)
  t.equal(await metric(app, DEAD), 0)
})

t.test('an operator ends the pause of a consumer that asked for patience, by a resume or a reset', async (t) => {
  for (const url of ['/api/v1/workers/resume', '/api/v1/metrics/backpressure/reset']) {
    const { app } = await startDelivery(t)
    await app.queue.pauseFor(3_600_000)
    await post(app, { type: 'x', payload: null })
    t.equal((await app.inject({ method: 'POST', url })).statusCode, 200)
    await eventually(`it is delivered after ${url}`, async () => await metric(app, DONE) === 1)
  }
})

t.test('a worker that starts ends a pause that an earlier one left', async (t) => {
  const consumer = await startConsumer(t)
  const { app, redis } = await startApp(t)
  await app.queue.pauseFor(3_600_000)
  await post(app, { type: 'x', payload: null })
  const { app: worker } = await startApp(t, {
    env: { ROLE: 'worker', DELIVERY_URL: consumer.url },
    redis,
    handlers: 'configured'
  })
  await eventually('it is delivered', async () => await metric(worker, DONE) === 1)
})

t.test('a worker that cannot reach the consumer leaves all events to one that can, without an attempt', async (t) => {
  const { consumer, app, redis } = await startDelivery(t, { EVENT_ATTEMPTS: '1' })
  const env = { ROLE: 'worker', DELIVERY_URL: await refusedUrl(), EVENT_ATTEMPTS: '1' }
  await startApp(t, { env, redis, handlers: 'configured' })
  let posted = 0
  await eventually('the bad worker is held', async () => {
    for (let batch = 0; batch < 20; batch++, posted++) await post(app, { type: 'x', payload: posted })
    return app.queueMonitor.reading?.workers.some(({ holds }) => holds.includes('consumer-unreachable'))
  })
  await eventually('all are delivered', async () => await metric(app, DONE) === posted)
  t.equal(app.queueMonitor.reading?.pausedForMs, 0)
  t.equal(await metric(app, DEAD), 0)
  t.equal(new Set(consumer.calls.flatMap(idsOf)).size, posted)
})

t.test('costs no event an attempt that a consumer closes every connection after its answer without saying so', async (t) => {
  const { consumer, app } = await startDelivery(t, { EVENT_ATTEMPTS: '1' })
  consumer.answer = (_call, reply, { socket }) => { reply.end('ok', () => { socket.resetAndDestroy() }) }
  for (let posted = 0; posted < 100; posted++) await post(app, { type: 'x', payload: posted })
  await eventually('all are delivered', async () => await metric(app, DONE) === 100)
  t.equal(await metric(app, DEAD), 0)
  t.match(
    new Set(consumer.calls.map(({ body }) => (JSON.parse(body) as { attempt: number }[])[0]?.attempt)),
    new Set([1])
  )
})
