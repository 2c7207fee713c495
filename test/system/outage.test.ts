import { setImmediate as nextTurn } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import t, { type Test } from 'tap'
import { eventHandler, metric, post, postBatch, startApp } from '../app.ts'
import { bullmqOf } from '../bullmq.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'

/** Answers in the outage that are looked at, of critical events and of others each. */
const ANSWERS = 100

/** Shows that an outage under load does no harm, whatever kind it is. */
async function showOutage (
  t: Test,
  begin: (redis: Awaited<ReturnType<typeof startRedis>>) => Promise<void> | void,
  end: (redis: Awaited<ReturnType<typeof startRedis>>) => Promise<void> | void
) {
  const handled = new Map<unknown, number>()
  const redis = await startRedis(t, { appendonly: true })
  const { app } = await startApp(t, {
    redis,
    env: { ROLE: 'all', SPOOL_CLASSES: 'critical' },
    handlers: [eventHandler(({ payload }) => {
      handled.set(payload, (handled.get(payload) ?? 0) + 1)
      return { status: 'done' }
    })]
  })
  const owed: number[] = []
  const answers: { priority: number, status: number, durability?: string, reason?: string, isLost: boolean }[] = []
  const load = { isOver: false }
  let next = 0
  const send = async (priority: number) => {
    while (!load.isOver) {
      const payload = next++
      const isLost = !app.backpressure.signals.isDepthKnown
      const answer = await post(app, { type: 'x', payload, priority })
      const { durability, reason } = answer.json()
      answers.push({ priority, status: answer.statusCode, durability, reason, isLost })
      if (answer.statusCode === 202) owed.push(payload)
      await nextTurn()
    }
  }
  const sent = Promise.all([1, 1, 4, 8].map(send))
  await eventually('all goes well', () => owed.length > 100)
  await begin(redis)
  await eventually('the queue is lost', () => !app.backpressure.signals.isDepthKnown)
  const batch = await postBatch(app, [{ type: 'x', payload: 'b-critical', priority: 1 }, {
    type: 'x',
    payload: 'b-normal',
    priority: 4
  }])
  t.equal(batch.statusCode, 207)
  t.match(batch.json(), {
    accepted: 1,
    shed: 1,
    durability: { spooled: 1 },
    results: [{ status: 'accepted', durability: 'spooled' }, { status: 'shed', reason: 'queue-unavailable' }]
  })
  // A refusal is quicker than a file: the critical ones have to be waited for.
  await eventually(
    'many of both were answered meanwhile',
    () =>
      [true, false].every((isCritical) =>
        answers.filter(({ isLost, priority }) => isLost && (priority === 1) === isCritical).length >= ANSWERS
      )
  )
  await end(redis)
  await eventually('the queue is found', () => app.backpressure.signals.isDepthKnown)
  const after = owed.length
  await eventually('and takes everything again', () => owed.length > after + 100)
  load.isOver = true
  await sent

  const during = answers.filter(({ isLost }) => isLost)
  t.ok(during.some(({ durability }) => durability === 'spooled'))
  t.strictSame(
    new Set(during.filter(({ priority }) => priority === 1).map(({ status }) => status)),
    new Set([202]),
    'critical events are taken all the time'
  )
  t.strictSame(
    new Set(answers.filter(({ status, priority }) => status === 503 && priority > 1).map(({ reason }) => reason)),
    new Set(['queue-unavailable'])
  )
  t.ok(during.every(({ priority, status }) => priority === 1 || status === 503 || status === 202))
  await eventually('the spool is empty', () => app.spool?.batches === 0)
  await eventually(
    'every event that was answered 202 is handled',
    () => owed.every((payload) => handled.has(payload)) && handled.has('b-critical')
  )
  t.equal(handled.has('b-normal'), false)
  t.strictSame([...handled].filter(([, times]) => times > 1), [], 'once')
  // The text of the metrics is up to a second old: the books are closed once it has all that was spooled.
  const spooledAnswers = answers.filter(({ durability }) => durability === 'spooled').length + 1
  await eventually('the books are closed', async () => (
    await metric(app, 'spillway_ledger_pending{priority_class="critical"}') === 0 &&
    await booked(app, 'spooled') === spooledAnswers
  ))
  await eventually('and balance', async () => (
    await booked(app, 'received') ===
      await booked(app, 'spooled') + await booked(app, 'enqueued') + await booked(app, 'shed')
  ))
  for (const side of ['admission', 'queue'])
    t.equal(await metric(app, `spillway_ledger_imbalance{side="${side}"}`), 0, side)
}

/** Events of all classes in one counter of the ledger. */
async function booked (app: FastifyInstance, name: string): Promise<number> {
  const counts = await Promise.all(['critical', 'normal', 'low'].map((priorityClass) =>
    metric(app, `spillway_ledger_${name}_total{priority_class="${priorityClass}"}`)))
  return counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
}

t.test('a Redis that stops costs no critical event, and others are told at once', (t) =>
  showOutage(t, (redis) => redis.kill(), (redis) => redis.start()))

t.test('a Redis that hangs costs no critical event', (t) =>
  showOutage(t, (redis) => redis.pause(), (redis) => redis.resume()))

t.test('what is spooled outlives the process that took it', async (t) => {
  const redis = await startRedis(t, { appendonly: true })
  const env = { SPOOL_CLASSES: 'critical,low' }
  const { app: first } = await startApp(t, { redis, env })
  await redis.kill()
  await eventually('the queue is lost', () => !first.backpressure.signals.isDepthKnown)
  for (const priority of [9, 1])
    t.match((await post(first, { type: 'x', payload: priority, priority, id: `p-${priority}` })).json(), {
      status: 'accepted',
      durability: 'spooled'
    })
  t.match((await post(first, { type: 'x', payload: 1, priority: 1, id: 'p-1' })).json(), {
    status: 'duplicate',
    id: 'p-1'
  }, 'a second post finds the first in the spool')
  await first.close()
  const handled: unknown[] = []
  const { app } = await startApp(t, {
    redis,
    env: { ...env, ROLE: 'all' },
    awaitsQueue: false,
    handlers: [eventHandler(({ payload }) => {
      handled.push(payload)
      return { status: 'done' }
    })]
  })
  t.match((await post(app, { type: 'x', payload: 1, priority: 1, id: 'p-1' })).json(), {
    status: 'duplicate',
    id: 'p-1'
  }, 'after a new start too')
  await redis.start()
  await eventually('both are handled', () => handled.length === 2)
  t.match((await post(app, { type: 'x', payload: 1, priority: 1, id: 'p-1' })).json(), {
    status: 'duplicate',
    id: 'p-1'
  }, 'and in the queue once it is there')
  t.equal(handled.length, 2)
})

t.test('above the hard limit critical events are spooled until there is room', async (t) => {
  const { app } = await startApp(t, {
    env: {
      SPOOL_CLASSES: 'critical',
      QUEUE_RECOVERY_THRESHOLD: '1',
      QUEUE_WARNING_THRESHOLD: '2',
      QUEUE_CRITICAL_THRESHOLD: '3',
      QUEUE_HARD_LIMIT: '4'
    }
  })
  const send = async () => (await post(app, { type: 'x', payload: 0, priority: 1 })).json().durability
  t.strictSame([await send(), await send(), await send(), await send()], ['queued', 'queued', 'queued', 'queued'])
  t.strictSame([await send(), await send()], ['spooled', 'spooled'])
  t.equal(app.spool?.eventsByPriority[1], 2)
  const [job] = await bullmqOf(app).getJobs(['prioritized'])
  await job?.remove()
  await app.queue.recount()
  await eventually('what there is room for leaves the spool', () => app.spool?.eventsByPriority[1] === 1)
})

t.test('a producer may ask for the local disk', async (t) => {
  const handled: unknown[] = []
  const { app } = await startApp(t, {
    env: { ROLE: 'all', SPOOL_CLASSES: 'critical' },
    handlers: [eventHandler(({ payload }) => {
      handled.push(payload)
      return { status: 'done' }
    })]
  })
  const answer = await post(app, { type: 'x', payload: 7, priority: 9 }, { 'x-event-durability': 'spooled' })
  t.match(answer.json(), { status: 'accepted', durability: 'spooled' })
  await eventually('it is handled all the same', () => handled[0] === 7)
  const { app: without } = await startApp(t)
  const refused = await post(without, { type: 'x', payload: 7 }, { 'x-event-durability': 'spooled' })
  t.equal(refused.statusCode, 503)
  t.match(refused.json(), { reason: 'spool-unavailable' })
})
