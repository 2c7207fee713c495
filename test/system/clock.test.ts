import { join } from 'node:path'
import t, { type Test } from 'tap'
import { childBatch, newBatch } from '../../services/queue/batch.ts'
import { batchOf, eventsOf, startQueue } from '../services/queue/setup.ts'
import { startConsumer } from '../../rig/consumer.ts'
import { eventually } from '../../rig/eventually.ts'
import { startServer } from '../../rig/spawned-server.ts'

const HOUR_MS = 3_600_000
const CLOCK = join(import.meta.dirname, '../../rig/shifted-clock.ts')

/** A process of its own whose wall clock is off. */
const startShifted = (t: Test, shiftMs: number, env: Record<string, string>) =>
  startServer(t, { ...env, NODE_OPTIONS: `--import ${CLOCK}`, CLOCK_SHIFT_MS: String(shiftMs) })

/** A time by the true clock, which Redis has. */
const at = (fromNowMs: number) => new Date(Date.now() + fromNowMs).toISOString()

const postTo = (url: string, event: object) =>
  fetch(`${url}/api/v1/events`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(event)
  })

const LIMITS = {
  QUEUE_RECOVERY_THRESHOLD: '10', QUEUE_WARNING_THRESHOLD: '20', QUEUE_CRITICAL_THRESHOLD: '30', QUEUE_HARD_LIMIT: '40'
}

for (const shiftMs of [HOUR_MS, -HOUR_MS]) {
  t.test(`with clocks that are ${shiftMs / HOUR_MS} h off`, async (t) => {
    const { redis, queue, bullmq, connection } = await startQueue(t)
    const env = { REDIS_URL: redis.url, ...LIMITS, SPOOL_CLASSES: 'none' }

    await t.test('the hard limit holds, a retry is put off as long as it is to be, no age or deadline is absurd', async (t) => {
      const api = await startShifted(t, shiftMs, { ...env, ROLE: 'api' })
      await queue.requeue(childBatch('parent', 5, eventsOf(30), [0]), HOUR_MS / 2, 'parent')
      for (const [expiresAt, status] of [[at(HOUR_MS / 2), 202], [at(-HOUR_MS / 2), 503]] as const) {
        t.equal((await postTo(api.url, { type: 'x', payload: 1, priority: 1, expiresAt })).status, status)
      }
      const statuses: number[] = []
      for (let event = 0; event < 60; event++) {
        statuses.push((await postTo(api.url, { type: 'x', payload: event, priority: 1 })).status)
      }
      t.equal(statuses.filter((status) => status === 202).length, 39)
      const { delayedByPriority, depthByPriority, oldestWaitingMsByPriority } = await queue.sample()
      t.equal(delayedByPriority[5], 30, 'what is put off is no part of the depth')
      t.equal(depthByPriority[1], 40)
      t.ok((oldestWaitingMsByPriority[1] ?? HOUR_MS) < HOUR_MS / 2)
      const { queue: told } = (await (await fetch(`${api.url}/api/v1/metrics/queue`)).json()) as {
        queue: { oldestWaitingSeconds: { critical: number } }
      }
      t.ok(told.oldestWaitingSeconds.critical < 1_800)
    })

    await t.test('a worker runs a retry when it is due, not before and not long after', async (t) => {
      await connection.flushall()
      const consumer = await startConsumer(t)
      consumer.answer = (_call, reply) => { reply.writeHead(consumer.calls.length === 1 ? 500 : 200).end() }
      await startShifted(t, shiftMs, { ...env, ROLE: 'worker', DELIVERY_URL: consumer.url, RETRY_BACKOFF_MS: '60' })
      const early = childBatch('parent', 5, eventsOf(1), [1])
      await queue.requeue(early, HOUR_MS / 2, 'parent')
      await queue.add(batchOf(1))
      await eventually('the failed event is delivered again', () => consumer.calls.length === 2)
      await eventually('all is settled', async () => (await queue.sample()).done === 1)
      const reading = await queue.sample()
      t.equal(reading.delayedByPriority[5], 1, 'what is due in half an hour waits')
      t.equal(reading.depthByPriority[5], 0)
      t.equal(await bullmq.getDelayedCount(), 1)
      t.equal(consumer.calls.length, 2)
      const dated = (id: string, leftMs: number) =>
        ({ id, type: 'x', payload: 1, priority: 5, receivedAt: at(-HOUR_MS), expiresAt: at(leftMs) })
      await queue.add(newBatch(5, [dated('late', -HOUR_MS / 2), dated('in-time', HOUR_MS / 2)]))
      await eventually('one is delivered and one expires by the clock of Redis', async () => {
        const { done, expired } = await queue.sample()
        return done === 2 && expired === 1
      })
      t.match(JSON.parse(consumer.calls.at(-1)!.body), [{ id: 'in-time' }])
    })
  })
}

t.test('a worker whose clock is off keeps the batch that it works on', async (t) => {
  const { redis, queue, bullmq } = await startQueue(t)
  const consumer = await startConsumer(t)
  const held: (() => void)[] = []
  consumer.answer = (_call, reply) => { held.push(() => reply.end()) }
  await startShifted(t, -HOUR_MS, {
    REDIS_URL: redis.url, ROLE: 'worker', DELIVERY_URL: consumer.url, DELIVERY_TIMEOUT_MS: '60000'
  })
  const batch = batchOf(1)
  await queue.add(batch)
  await eventually('it is in work', () => held.length === 1)
  const { redisTimeMs: begunMs } = await queue.sample()
  // A lock that nobody renews ends after five seconds, and the next two checks for stalled batches bring its batch
  // back.
  await eventually(
    'a batch without a lock would have come back',
    async () => (await queue.sample()).redisTimeMs - begunMs > 11_000
  )
  t.equal(await bullmq.getActiveCount(), 1)
  t.equal(held.length, 1, 'it is not run a second time')
  for (const end of held) end()
  await eventually('it is done', async () => (await queue.sample()).done === 1)
})
