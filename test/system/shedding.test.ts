import t from 'tap'
import { eventHandler, metric, post, startApp } from '../app.ts'
import { bullmqOf } from '../bullmq.ts'
import { eventually } from '../../rig/eventually.ts'

const THRESHOLDS = {
  QUEUE_RECOVERY_THRESHOLD: '10',
  QUEUE_WARNING_THRESHOLD: '20',
  QUEUE_CRITICAL_THRESHOLD: '40',
  QUEUE_HARD_LIMIT: '60'
}

const event = (priority: number) => ({ type: 'reading', payload: {}, priority })

t.test('sheds in order of priority as the queue fills, and recovers by itself once a worker drains it', async (t) => {
  const { app, redis } = await startApp(t, { env: THRESHOLDS })
  const queue = async () => (await app.inject('/api/v1/metrics/queue')).json()
  const depthIs = (depth: number) =>
    eventually(`depth ${depth}`, async () => (await queue()).queue.totalPending === depth)
  const postArray = (count: number, priority: number) =>
    app.inject({
      method: 'POST',
      url: '/api/v1/events/batch',
      payload: Array.from({ length: count }, () => event(priority))
    })

  t.equal((await postArray(31, 5)).statusCode, 202)
  await depthIs(31)
  t.equal((await bullmqOf(app).getPrioritizedCount()), 1, 'depth counts events though they are one job')
  t.equal((await post(app, event(9))).statusCode, 202, 'below 0.8 of critical low is admitted')
  await depthIs(32)

  const low = await post(app, event(9))
  t.equal(low.statusCode, 503)
  t.match(low.headers['content-type'], 'application/problem+json')
  t.match(low.json(), {
    status: 503,
    reason: 'low-priority-shed',
    circuitState: 'CLOSED',
    queueDepth: 32,
    priority: 9,
    retryAfterSeconds: Number
  })
  t.equal(low.headers['retry-after'], String(low.json().retryAfterSeconds))
  t.equal((await queue()).queue.health, 'warning')

  t.equal((await postArray(8, 2)).statusCode, 202)
  await eventually('the circuit is open', async () => (await queue()).backpressure.circuitState === 'OPEN')
  const normal = await post(app, event(2))
  t.equal(normal.statusCode, 503)
  t.match(normal.json(), { reason: 'circuit-open', circuitState: 'OPEN', queueDepth: 40 })
  t.ok(Number(normal.headers['retry-after']) >= 1 && Number(normal.headers['retry-after']) <= 120)
  t.equal((await post(app, event(1))).statusCode, 202, 'critical events get in')
  t.equal((await app.inject('/api/v1/health/readiness')).statusCode, 200, 'an open circuit is ready')
  t.match((await app.inject('/api/v1/health')).json(), {
    status: 'degraded',
    services: { ruleEngineQueue: { health: 'critical', circuitState: 'OPEN' } }
  })
  await depthIs(41)
  t.equal(await metric(app, 'rule_engine_backpressure_circuit_state'), 2)
  t.equal(await metric(app, 'rule_engine_queue_total_pending'), 41)
  t.equal(
    await metric(app, 'rule_engine_backpressure_rejected_total{priority_class="low",reason="low-priority-shed"}'),
    1
  )
  t.equal(
    await metric(app, 'rule_engine_backpressure_rejected_total{priority_class="normal",reason="circuit-open"}'),
    1
  )

  t.equal((await postArray(19, 1)).statusCode, 202)
  await depthIs(60)
  t.match(
    (await post(app, event(1))).json(),
    { status: 503, reason: 'queue-full', priority: 1 },
    'the hard limit binds critical events too'
  )
  t.equal((await app.inject('/api/v1/health/readiness')).statusCode, 503, 'a queue that takes nothing is not ready')

  // The worker waits between events until it is let go on, so that each step of the recovery can be seen.
  const seen: number[] = []
  let allowed = 0
  const gate = eventHandler(async ({ priority }) => {
    await eventually('the worker may go on', () => seen.length < allowed)
    seen.push(priority)
    return { status: 'done' }
  })
  await startApp(t, {
    env: { ...THRESHOLDS, ROLE: 'worker', RULE_ENGINE_WORKER_CONCURRENCY: '1', HANDLER_CONCURRENCY: '1' },
    redis,
    handlers: [gate]
  })
  const states: string[] = [app.backpressure.signals.circuitState]
  // Noted with each reading: who looks now and then may miss a state that lasts from one reading to the next.
  app.queueMonitor.onReading(() => {
    const { circuitState } = app.backpressure.signals
    if (circuitState !== states.at(-1)) states.push(circuitState)
  })
  const transitionTo = (expected: string) => eventually(expected, () => {
    allowed++
    return states.includes(expected)
  })
  await transitionTo('HALF_OPEN')
  t.ok((await queue()).queue.totalPending <= 10, 'half-open at the recovery threshold')
  await transitionTo('CLOSED')
  t.strictSame(states, ['OPEN', 'HALF_OPEN', 'CLOSED'])
  allowed = Infinity
  await depthIs(0)
  t.strictSame(seen, seen.toSorted((a, b) => a - b), 'in order of priority')
  t.match((await app.inject('/api/v1/health')).json(), {
    status: 'healthy',
    services: { ruleEngineQueue: { queueDepth: 0, workers: 1, circuitState: 'CLOSED' } }
  })
  t.equal((await post(app, event(9))).statusCode, 202)
})

t.test('keeps low out while half-open and lets normal in', async (t) => {
  const { app, redis } = await startApp(t, { env: THRESHOLDS })
  await app.redis.hset(app.queue.keys.control, 'circuit', 'HALF_OPEN')
  await app.inject({ method: 'POST', url: '/api/v1/events/batch', payload: Array.from({ length: 8 }, () => event(1)) })
  const { app: late } = await startApp(t, { env: THRESHOLDS, redis })
  t.equal(
    late.backpressure.signals.circuitState,
    'HALF_OPEN',
    'a replica that starts late joins the circuit of the others'
  )
  t.match((await post(late, event(6))).json(), { reason: 'low-priority-shed', circuitState: 'HALF_OPEN' })
  t.equal((await post(late, event(5))).statusCode, 202)
})

t.test('observes without shedding', async (t) => {
  const { app } = await startApp(t, { env: { ...THRESHOLDS, ENABLE_BACKPRESSURE: 'observe' } })
  for (let posted = 0; posted < 45; posted++)
    t.equal((await post(app, event(9), { 'x-event-priority': '9' })).statusCode, 202)
  t.ok(app.backpressure.rejectedCount > 0)
  t.ok(await metric(app, 'rule_engine_backpressure_rejected_total{priority_class="low",reason="low-priority-shed"}') >
    0)
})

t.test('admits everything when backpressure is off', async (t) => {
  const { app } = await startApp(t, { env: { ...THRESHOLDS, ENABLE_BACKPRESSURE: 'false' } })
  for (let posted = 0; posted < 65; posted++) t.equal((await post(app, event(9))).statusCode, 202)
  t.equal(app.backpressure.rejectedCount, 0)
  t.equal((await app.inject('/api/v1/metrics/queue')).json().backpressure.enabled, false)
})

t.test('resets the circuit and the counters on every replica', async (t) => {
  const { app, redis } = await startApp(t, { env: THRESHOLDS })
  const { app: other } = await startApp(t, { env: THRESHOLDS, redis })
  await app.inject({ method: 'POST', url: '/api/v1/events/batch', payload: Array.from({ length: 33 }, () => event(2)) })
  for (const replica of [app, other]) {
    await eventually('the depth is seen', () => replica.backpressure.signals.depth === 33)
    t.equal((await post(replica, event(9))).statusCode, 503)
    t.equal(replica.backpressure.rejectedCount, 1)
  }
  const reset = await app.inject({ method: 'POST', url: '/api/v1/metrics/backpressure/reset' })
  t.match(reset.json(), { success: true, message: String, status: 'CLOSED' })
  for (const replica of [app, other]) {
    await eventually('the counters are reset', () => replica.backpressure.rejectedCount === 0)
    t.equal(
      await metric(replica, 'rule_engine_backpressure_rejected_total{priority_class="low",reason="low-priority-shed"}'),
      0
    )
  }
})

t.test('a replica that starts after a reset joins a closed circuit', async (t) => {
  const { app, redis } = await startApp(t, { env: THRESHOLDS })
  await app.inject({ method: 'POST', url: '/api/v1/events/batch', payload: Array.from({ length: 30 }, () => event(2)) })
  await app.redis.hset(app.queue.keys.control, 'circuit', 'OPEN')
  await app.inject({ method: 'POST', url: '/api/v1/metrics/backpressure/reset' })
  const { app: late } = await startApp(t, { env: THRESHOLDS, redis })
  t.equal(late.backpressure.signals.circuitState, 'CLOSED')
})
