import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { eventHandler, metric, post, postBatch, startApp } from '../../../app.ts'
import { bullmqOf } from '../../../bullmq.ts'
import { eventually } from '../../../../rig/eventually.ts'
import { assertProblem, depthIs, startOpen, TINY } from './setup.ts'

const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/

/** Names that tools outside the project are written against, with their types. */
const FIXED: Record<string, 'gauge' | 'counter'> = {
  rule_engine_queue_waiting: 'gauge',
  rule_engine_queue_active: 'gauge',
  rule_engine_queue_completed_total: 'counter',
  rule_engine_queue_failed_total: 'counter',
  rule_engine_queue_delayed: 'gauge',
  rule_engine_queue_total_pending: 'gauge',
  rule_engine_workers: 'gauge',
  rule_engine_queue_health: 'gauge',
  rule_engine_backpressure_circuit_state: 'gauge',
  rule_engine_backpressure_rejected_total: 'counter',
  rule_engine_backpressure_threshold_warning: 'gauge',
  rule_engine_backpressure_threshold_critical: 'gauge',
  rule_engine_backpressure_threshold_recovery: 'gauge'
}

const get = async (app: FastifyInstance, path: string) => (await app.inject(`/api/v1/metrics/${path}`)).json()
const scrape = async (app: FastifyInstance) => (await app.inject('/api/v1/metrics/prometheus')).body
const reset = (app: FastifyInstance) => app.inject({ method: 'POST', url: '/api/v1/metrics/backpressure/reset' })

t.test('every fixed metric is on the page from the start, with its type', async (t) => {
  const { app } = await startApp(t, { env: { ...TINY, ROLE: 'all' } })
  const answer = await app.inject('/api/v1/metrics/prometheus')
  t.equal(answer.statusCode, 200)
  t.match(answer.headers['content-type'], 'text/plain; version=')
  for (const [name, type] of Object.entries(FIXED)) {
    t.ok(answer.body.includes(`\n# TYPE ${name} ${type}\n`), `${name} is a ${type}`)
    t.match(answer.body, new RegExp(`^${name}(\\{[^}]*\\})? \\d+$`, 'm'), `${name} has a value`)
  }
  for (const priorityClass of ['critical', 'normal', 'low']) {
    for (
      const reason of ['queue-full', 'queue-unavailable', 'circuit-open', 'low-priority-shed', 'process-overloaded']
    ) {
      t.equal(
        await metric(
          app,
          `rule_engine_backpressure_rejected_total{priority_class="${priorityClass}",reason="${reason}"}`
        ),
        0
      )
    }
  }
  t.strictSame([
    await metric(app, 'rule_engine_backpressure_threshold_recovery'),
    await metric(app, 'rule_engine_backpressure_threshold_warning'),
    await metric(app, 'rule_engine_backpressure_threshold_critical')
  ], [1, 2, 3])
})

t.test('whatever is not fixed is spillway_*, in base units, and counters end in _total', async (t) => {
  const { app } = await startApp(t, { env: { ROLE: 'all' } })
  const own = [...(await scrape(app)).matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name, type]) =>
    [name, type] as [string, string]
  )
    .filter(([name]) => /^(rule_engine|spillway)_/.test(name))
  t.ok(own.length > Object.keys(FIXED).length)
  for (const [name, type] of own) {
    t.ok(Object.hasOwn(FIXED, name) || name.startsWith('spillway_'), name)
    t.equal(type === 'counter', name.endsWith('_total'), name)
    t.notMatch(name, /_(ms|milliseconds|minutes|kb|mb|percent)(_|$)/, name)
  }
})

t.test('no label holds what a producer chose', async (t) => {
  const { app } = await startOpen(t)
  for (const priority of [1, 5])
    await post(app, { type: 'chosen-type', id: 'chosen-id', organizationId: 'chosen-org', payload: 'chosen', priority })
  await app.inject('/api/v1/chosen-path/7')
  await app.inject('/api/v1/metrics/queue?chosen=query')
  await app.inject({ method: 'POST', url: '/chosen' })
  t.notMatch(await scrape(app), /chosen/)
})

t.test('the pages for people, scripts and Prometheus tell the same of each event', async (t) => {
  const { app, redis } = await startApp(t)
  const goOn = Promise.withResolvers<void>()
  const outcomes = {
    done: { status: 'done' },
    dead: { status: 'dead', reason: 'unusable' },
    retry: { status: 'retry', reason: 'not now', delayMs: 3_600_000 }
  } as const
  const { app: worker } = await startApp(t, {
    redis, env: { ROLE: 'worker', RULE_ENGINE_WORKER_CONCURRENCY: '1' },
    handlers: [eventHandler(async ({ payload }) => {
      if (payload === 'hold') await goOn.promise
      return outcomes[payload as keyof typeof outcomes] ?? { status: 'done' }
    })]
  })
  const events = (payloads: string[], priority: number) => payloads.map((payload) => ({ type: 'x', payload, priority }))
  const counts = async () => (await get(app, 'queue')).queue.counts
  await postBatch(app, events(['done', 'done', 'dead', 'retry'], 4))
  await eventually('the first batch is booked', async () => (await counts()).completed === 2)
  await postBatch(app, events(['hold', 'hold', 'hold'], 2))
  await eventually('the second batch is in work', async () => (await counts()).active === 3)
  await postBatch(app, events(['done', 'done'], 9))
  await eventually('the third batch waits', async () => (await counts()).waiting === 2)

  t.strictSame(await counts(), { waiting: 2, active: 3, delayed: 1, completed: 2, failed: 1 })
  const { queue, workers } = await get(app, 'queue')
  t.equal(queue.totalPending, 5)
  t.equal(queue.utilizationPercent, 0)
  t.strictSame(queue.depthByPriority, { 1: 0, 2: 3, 3: 0, 4: 0, 5: 0, 6: 0, 7: 0, 8: 0, 9: 2, 10: 0 })
  t.equal(workers.count, 1)
  t.equal(workers.capacity, 1)
  t.match(workers.list, [{ id: String, hostname: String, pid: process.pid, concurrency: 1, startedAt: RFC_3339 }])
  t.match(await get(app, 'queue/summary'), { queueDepth: 5, workers: 1 })
  const pages: [name: string, value: number][] = [['waiting', 2], ['active', 3], ['delayed', 1], ['total_pending', 5], [
    'completed_total',
    2
  ], ['failed_total', 1]]
  for (const [name, value] of pages) {
    t.equal(await metric(app, `rule_engine_queue_${name}`), value, name)
    await eventually(
      `the worker says the same of ${name}`,
      async () => await metric(worker, `rule_engine_queue_${name}`) === value
    )
  }
  t.equal(await metric(app, 'rule_engine_workers'), 1)
  t.equal(await metric(app, 'spillway_worker_capacity'), 1)
  t.equal(await metric(worker, 'spillway_worker_events_total{outcome="done"}'), 2)
  t.equal(await metric(worker, 'spillway_worker_events_total{outcome="dead"}'), 1)
  t.equal(await metric(worker, 'spillway_worker_events_total{outcome="requeued"}'), 1)
  t.equal(await metric(app, 'spillway_batch_events_count'), 3)
  t.equal(await metric(app, 'spillway_batch_events_sum'), 9)
  goOn.resolve()
  await eventually('all but the retry is handled', async () => (await counts()).completed === 7)
  t.strictSame(await counts(), { waiting: 0, active: 0, delayed: 1, completed: 7, failed: 1 })
})

t.test('never fewer events wait than none', async (t) => {
  const second = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  const { app } = await startApp(t, {
    env: { ROLE: 'all' },
    handlers: [eventHandler(async ({ attempt }) => {
      if (attempt === undefined) return { status: 'retry', reason: 'once', delayMs: 5 }
      second.resolve()
      await goOn.promise
      return { status: 'done' }
    })]
  })
  const waiting: number[] = []
  await post(app, { type: 'x', payload: 1 })
  await second.promise
  await eventually('the retry counts as active and no longer as delayed', async () => {
    const { counts, totalPending } = (await get(app, 'queue')).queue
    waiting.push(counts.waiting, await metric(app, 'rule_engine_queue_waiting'))
    return counts.active === 1 && counts.delayed === 0 && totalPending === 1
  })
  t.equal(Math.min(...waiting), 0)
  goOn.resolve()
})

t.test('the body of /metrics/queue has every field of its contract', async (t) => {
  const { app } = await startOpen(t)
  const body = await get(app, 'queue')
  t.match(body, {
    timestamp: RFC_3339,
    queue: {
      name: 'rule-engine-events',
      counts: { waiting: 3 },
      totalPending: 3,
      utilizationPercent: 100,
      health: 'critical',
      isPaused: false
    },
    workers: { count: 0, capacity: 0, list: [] },
    backpressure: {
      enabled: true,
      circuitState: 'OPEN',
      thresholds: { warning: 2, critical: 3, recovery: 1 },
      rejectedCount: 0,
      lastStateChange: RFC_3339,
      stateAgeMs: Number
    }
  })
  await eventually('none of its three events has a worker', async () => (await get(app, 'queue')).workers.needed === 1)
  t.equal(await metric(app, 'spillway_workers_needed'), 1)
  await bullmqOf(app).pause()
  await eventually('the pause is seen', async () => (await get(app, 'queue')).queue.isPaused === true)
  t.equal((await get(app, 'queue')).workers.needed, 1, 'more workers would also be paused, so the number stays')
})

t.test('the summary is five fields for scripts, and whether they are of now', async (t) => {
  const { app } = await startOpen(t)
  const { asOf, ...summary } = await get(app, 'queue/summary')
  t.match(asOf, RFC_3339)
  t.strictSame(summary, {
    health: 'critical', queueDepth: 3, workers: 0, circuitState: 'OPEN', rejectedCount: 0, isKnown: true,
    lastKnown: null
  })
  await post(app, { type: 'x', payload: 1 })
  t.equal((await get(app, 'queue/summary')).rejectedCount, 1)
})

t.test('health and circuit are numbers for Prometheus', async (t) => {
  const { app } = await startApp(t, { env: TINY })
  for (const [depth, health, circuit] of [[0, 1, 0], [1, 1, 0], [2, 2, 0], [3, 3, 2]] as const) {
    if (depth > 0) await post(app, { type: 'x', payload: 1, priority: 1 })
    await depthIs(app, depth)
    t.equal(await metric(app, 'rule_engine_queue_health'), health, `${depth} events`)
    t.equal(await metric(app, 'rule_engine_backpressure_circuit_state'), circuit, `${depth} events`)
  }
})

t.test('every shed is counted by class and reason, an unread one too', async (t) => {
  const { app } = await startOpen(t)
  const rejected = (priorityClass: string, reason: string) =>
    metric(app, `rule_engine_backpressure_rejected_total{priority_class="${priorityClass}",reason="${reason}"}`)
  await post(app, { type: 'x', payload: 1, priority: 2 })
  await post(app, '{', { 'x-event-priority': '5' })
  await post(app, '{', { 'x-event-priority': '6' })
  await postBatch(app, [8, 9, 10].map((priority) => ({ type: 'x', payload: 1, priority })))
  t.strictSame([
    await rejected('critical', 'circuit-open'),
    await rejected('normal', 'circuit-open'),
    await rejected('low', 'circuit-open')
  ], [0, 2, 4])
  t.equal((await get(app, 'queue')).backpressure.rejectedCount, 6)
})

t.test('a reset closes the circuit and puts the counters to zero', async (t) => {
  const { app } = await startOpen(t)
  await post(app, { type: 'x', payload: 1 })
  const answer = await reset(app)
  t.equal(answer.statusCode, 200)
  t.match(answer.json(), { success: true, message: String, status: String })
  t.equal((await get(app, 'queue/summary')).rejectedCount, 0)
  t.equal(
    await metric(app, 'rule_engine_backpressure_rejected_total{priority_class="normal",reason="circuit-open"}'),
    0
  )
  await eventually('the depth opens it again', () => app.backpressure.signals.circuitState === 'OPEN')
})

t.test('neither metrics nor health ask Redis', async (t) => {
  // The reading stays one of now for as long as the test takes.
  const { app } = await startApp(t, { env: { ROLE: 'api', QUEUE_SAMPLE_INTERVAL_MS: '10000' } })
  await app.queueMonitor.stop()
  const paths = [
    'metrics/prometheus',
    'metrics/queue',
    'metrics/queue/summary',
    'health',
    'health/readiness',
    'health/liveness'
  ]
  await app.redis.config('RESETSTAT')
  for (const path of paths) t.equal((await app.inject(`/api/v1/${path}`)).statusCode, 200, path)
  const commands = [...(await app.redis.info('commandstats')).matchAll(/^cmdstat_([^:]+):/gm)].map(([, command]) =>
    command
  )
  t.strictSame(commands.filter((command) => command !== 'config|resetstat'), [])
})

t.test('metrics survive the death of Redis', async (t) => {
  const { app, redis } = await startOpen(t)
  await redis.kill()
  await eventually('the queue counts as lost', async () => await metric(app, 'rule_engine_queue_health') === 4)
  const page = await scrape(app)
  for (const name of Object.keys(FIXED)) t.match(page, new RegExp(`^${name}(\\{[^}]*\\})? \\d+$`, 'm'), name)
  t.equal(await metric(app, 'rule_engine_backpressure_circuit_state'), 2, 'the circuit stays as it was')
  t.equal((await get(app, 'queue')).queue.health, 'unknown')
  assertProblem(t, await reset(app), 503, 'queue-unavailable', 'a reset')
})

t.test('a host whose clock is set changes no age', async (t) => {
  const { app } = await startApp(t)
  const { now } = Date
  Date.now = () => now() + 3_600_000
  const { backpressure } = (await app.inject('/api/v1/metrics/queue').finally(() => { Date.now = now })).json()
  t.ok(backpressure.stateAgeMs < 600_000, `${backpressure.stateAgeMs}`)
  t.ok(Math.abs(Date.parse(backpressure.lastStateChange) - now()) < 600_000, 'the change is shown by the wall clock')
})
