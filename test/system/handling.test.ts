import t from 'tap'
import type { Outcome } from '../../services/event/outcome.ts'
import { eventHandler, metric, post, startApp } from '../app.ts'
import { bullmqOf } from '../bullmq.ts'
import { deadLettersIn } from '../services/queue/setup.ts'
import { eventually } from '../../rig/eventually.ts'

const FAST_RETRY = { RETRY_BACKOFF_MS: '1', EVENT_ATTEMPTS: '3', ROLE: 'all' }

t.test('handles every event that was answered 202 exactly once', async (t) => {
  const handled: string[] = []
  const { app } = await startApp(t, {
    env: { ROLE: 'all' },
    handlers: [eventHandler(({ id }) => {
      handled.push(id)
      return { status: 'done' }
    })]
  })
  const accepted: string[] = []
  await Promise.all(Array.from({ length: 400 }, async (_, index) => {
    const answer = await post(app, { type: 'reading', payload: { index }, priority: 1 + index % 10 })
    if (answer.statusCode === 202) accepted.push(answer.json().id)
  }))
  const batch = await app.inject({
    method: 'POST',
    url: '/api/v1/events/batch',
    payload: Array.from({ length: 300 }, (_, index) => ({ type: 'reading', payload: index }))
  })
  for (const { id } of batch.json().results) accepted.push(id)
  const stream = Array.from(
    { length: 300 },
    (_, index) => JSON.stringify({ type: 'reading', payload: index, id: `line-${index}` })
  ).join('\n')
  t.match(
    (await app.inject({
      method: 'POST',
      url: '/api/v1/events/batch',
      payload: stream,
      headers: { 'content-type': 'application/x-ndjson' }
    })).json(),
    { accepted: 300, results: [] }
  )
  for (let index = 0; index < 300; index++) accepted.push(`line-${index}`)

  await eventually(
    'everything is handled and booked',
    async () => await metric(app, 'rule_engine_queue_completed_total') === 1000
  )
  t.strictSame(handled.toSorted(), accepted.toSorted())
  t.equal(new Set(handled).size, 1000)
  t.equal(app.backpressure.signals.depth, 0)
})

t.test('stores events as they were posted', async (t) => {
  const payloads = [null, 0, '1', false, [], {}, { a: { b: [1, '2', null] }, 'ключ': '値', empty: '' }]
  const handled: unknown[] = []
  const { app } = await startApp(t, {
    env: { ROLE: 'all', RULE_ENGINE_WORKER_CONCURRENCY: '1' },
    handlers: [eventHandler(({ payload }) => {
      handled.push(payload)
      return { status: 'done' }
    })]
  })
  for (const payload of payloads) t.equal((await post(app, { type: 'x', payload })).statusCode, 202)
  await eventually('all are handled', () => handled.length === payloads.length)
  t.strictSame(handled, payloads)
})

t.test('works on batches in order of priority', async (t) => {
  const { app, redis } = await startApp(t)
  for (const priority of [9, 3, 10, 1, 5, 2]) {
    for (let count = 0; count < 3; count++)
      t.equal((await post(app, { type: 'x', payload: null, priority })).statusCode, 202)
  }
  const order: number[] = []
  const { app: worker } = await startApp(t, {
    env: { ROLE: 'worker', RULE_ENGINE_WORKER_CONCURRENCY: '1' }, redis,
    handlers: [eventHandler(({ priority }) => { order.push(priority); return { status: 'done' } })]
  })
  await eventually('all are handled', () => order.length === 18)
  t.strictSame(order, [1, 1, 1, 2, 2, 2, 3, 3, 3, 5, 5, 5, 9, 9, 9, 10, 10, 10])
  await eventually('the queue is empty', () => worker.backpressure.signals.depth === 0)
})

t.test('retries and dead-letters the event that fails, and runs the others once', async (t) => {
  const runs = new Map<unknown, number>()
  const attempts: (number | undefined)[] = []
  const { app } = await startApp(t, {
    env: FAST_RETRY,
    handlers: [eventHandler(({ payload, attempt }) => {
      runs.set(payload, (runs.get(payload) ?? 0) + 1)
      if (payload !== 'bad') return { status: 'done' }
      attempts.push(attempt)
      throw new Error('no')
    })]
  })
  const answer = await app.inject({
    method: 'POST',
    url: '/api/v1/events/batch',
    payload: ['a', 'b', 'bad', 'c'].map((payload) => ({ type: 'x', payload, priority: 4 }))
  })
  t.equal(answer.statusCode, 202)
  await eventually('the dead letter is booked', async () => await metric(app, 'rule_engine_queue_failed_total') === 1)
  t.strictSame(Object.fromEntries(runs), { a: 1, b: 1, bad: 3, c: 1 })
  t.strictSame(attempts, [undefined, 2, 3])
  const [deadLetter, ...more] = await deadLettersIn(app.deadLetters)
  t.equal(more.length, 0)
  t.match(deadLetter, {
    event: { payload: 'bad', id: answer.json().results[2].id },
    reason: 'attempts-exhausted',
    error: 'test failed: no',
    attempts: 3
  })
  t.equal(await metric(app, 'rule_engine_queue_completed_total'), 3)
  t.equal(app.backpressure.signals.depth, 0)
})

t.test('dead-letters at once what a handler refuses for good', async (t) => {
  const { app } = await startApp(t, {
    env: FAST_RETRY,
    handlers: [eventHandler(() => ({ status: 'dead', reason: 'unusable' }))]
  })
  await post(app, { type: 'x', payload: null })
  await eventually('the dead letter is booked', async () => await metric(app, 'rule_engine_queue_failed_total') === 1)
  t.match((await deadLettersIn(app.deadLetters))[0], { reason: 'refused', error: 'unusable', attempts: 1 })
})

t.test('does not use up attempts while the other side asks for patience', async (t) => {
  const outcomes: Outcome[] = Array.from(
    { length: 6 },
    () => ({ status: 'retry', reason: 'busy', delayMs: 1, countsAsAttempt: false })
  )
  const { app } = await startApp(t, {
    env: FAST_RETRY,
    handlers: [eventHandler(() => outcomes.pop() ?? { status: 'done' })]
  })
  await post(app, { type: 'x', payload: null })
  await eventually('it is handled', async () => await metric(app, 'rule_engine_queue_completed_total') === 1)
  t.equal(await metric(app, 'rule_engine_queue_failed_total'), 0)
})

t.test('does not run a handler again that an event has passed', async (t) => {
  const runs: string[] = []
  const failures = ['once']
  const { app } = await startApp(t, {
    env: FAST_RETRY,
    handlers: [
      eventHandler(() => {
        runs.push('first')
        return { status: 'done' }
      }, 'first'),
      eventHandler(() => {
        runs.push('second')
        return failures.pop() === undefined ? { status: 'done' } : { status: 'retry', reason: 'once' }
      }, 'second')
    ]
  })
  await post(app, { type: 'x', payload: null })
  await eventually('it is handled', async () => await metric(app, 'rule_engine_queue_completed_total') === 1)
  t.strictSame(runs, ['first', 'second', 'second'])
})

t.test('gives up on a handler that takes too long and aborts its signal', async (t) => {
  const signals: AbortSignal[] = []
  const hang = {
    name: 'hang',
    handler: {
      kind: 'event' as const,
      handle: (_event: unknown, { signal }: { signal: AbortSignal }) => {
        signals.push(signal)
        return new Promise<Outcome>(() => {})
      }
    }
  }
  const { app } = await startApp(t, {
    env: { ...FAST_RETRY, EVENT_ATTEMPTS: '2', HANDLER_TIMEOUT_MS: '20' },
    handlers: [hang]
  })
  await post(app, { type: 'x', payload: null })
  await eventually('the dead letter is booked', async () => await metric(app, 'rule_engine_queue_failed_total') === 1)
  t.strictSame(signals.map(({ aborted }) => aborted), [true, true])
  t.match((await deadLettersIn(app.deadLetters))[0]?.error, 'hang timed out')
})

t.test('puts the untouched rest of a batch back when the worker stops', async (t) => {
  const { app, redis } = await startApp(t)
  await app.inject({
    method: 'POST',
    url: '/api/v1/events/batch',
    payload: Array.from({ length: 10 }, (_, payload) => ({ type: 'x', payload }))
  })
  const first: unknown[] = []
  const begun = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { app: stopping } = await startApp(t, {
    env: { ROLE: 'worker', HANDLER_CONCURRENCY: '2' },
    redis,
    handlers: [eventHandler(async ({ payload }) => {
      first.push(payload)
      if (first.length === 2) begun.resolve()
      await goOn.promise
      return { status: 'done' }
    })]
  })
  await begun.promise
  const closed = stopping.close()
  await eventually('the worker is stopping', () => stopping.lifecycle.isDraining)
  goOn.resolve()
  await closed
  t.equal(first.length, 2)
  await eventually('the rest is back', () => app.backpressure.signals.depth === 8)
  t.equal(await bullmqOf(app).getActiveCount(), 0)
  const second: unknown[] = []
  await startApp(t, {
    env: { ROLE: 'worker' },
    redis,
    handlers: [eventHandler(({ payload, attempt }) => {
      t.equal(attempt, undefined)
      second.push(payload)
      return { status: 'done' }
    })]
  })
  await eventually('the rest is handled', () => second.length === 8)
  t.strictSame([...first, ...second].toSorted(), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

t.test('a batch that comes back to the process that is working on it joins the run that is there', async (t) => {
  const runs: unknown[] = []
  const goOn = Promise.withResolvers<void>()
  const { app } = await startApp(t, {
    env: { ROLE: 'all' },
    handlers: [eventHandler(async ({ payload }) => {
      runs.push(payload)
      await goOn.promise
      return { status: 'done' }
    })]
  })
  await post(app, { type: 'x', payload: 1 })
  const id = await eventually(
    'it is in work',
    async () => runs.length === 1 && (await bullmqOf(app).getActive())[0]?.id
  )
  // A hang of Redis beyond the life of the lock has this effect.
  await app.redis.del(app.queue.keys.jobs.lockOf(id))
  await eventually('it was taken for stalled and is active again', async () =>
    Number(await app.redis.hget(app.queue.keys.jobs.of(id), 'stc')) > 0 && await bullmqOf(app).getActiveCount() === 1)
  goOn.resolve()
  await eventually('it is handled', async () => await metric(app, 'rule_engine_queue_completed_total') === 1)
  t.strictSame(runs, [1])
  await eventually(
    'nothing is left',
    async () => app.backpressure.signals.depth === 0 && await bullmqOf(app).getActiveCount() === 0
  )
  t.equal(await metric(app, 'rule_engine_queue_failed_total'), 0)
})

t.test('does not run a batch again because what follows from it cannot be stored at once', async (t) => {
  const runs = new Map<unknown, number>()
  const { app } = await startApp(t, {
    env: FAST_RETRY,
    handlers: [eventHandler(async ({ payload, attempt }) => {
      runs.set(payload, (runs.get(payload) ?? 0) + 1)
      if (payload !== 'again' || attempt !== undefined) return { status: 'done' }
      await app.redis.config('SET', 'maxmemory', '1')
      return { status: 'retry', reason: 'once' }
    })]
  })
  await app.inject({
    method: 'POST',
    url: '/api/v1/events/batch',
    payload: ['a', 'again', 'b'].map((payload) => ({ type: 'x', payload }))
  })
  await eventually(
    'Redis has refused a write of the worker',
    async () => /errorstat_OOM:count=[1-9]/.test(await app.redis.info('errorstats'))
  )
  await app.redis.config('SET', 'maxmemory', '0')
  await eventually('all are handled', async () => await metric(app, 'rule_engine_queue_completed_total') === 3)
  t.strictSame(Object.fromEntries(runs), { a: 1, again: 2, b: 1 })
})
