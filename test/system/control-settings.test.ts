import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { eventHandler, metric, postBatch, startApp } from '../app.ts'
import { eventually } from '../../rig/eventually.ts'
import { startRedis } from '../../rig/redis.ts'

const ENV = {
  QUEUE_RECOVERY_THRESHOLD: '100', QUEUE_WARNING_THRESHOLD: '200', QUEUE_CRITICAL_THRESHOLD: '1000', BATCH_MAX_EVENTS: '5',
  RULE_ENGINE_WORKER_CONCURRENCY: '2', HANDLER_CONCURRENCY: '1', DELAY_BUDGET_CRITICAL_MS: '500'
}

interface Control {
  thresholds: string
  shedding: string
  sampling: string
  fairness: string
  organizationsAboveShare: number
  fairOrder: string
  forecastMode: string
  delayBudgetMs: Record<string, number>
}

const patch = (app: FastifyInstance, control: object | null) => app.inject({
  method: 'PATCH', url: '/api/v1/settings', headers: { 'content-type': 'application/merge-patch+json' },
  payload: JSON.stringify({ control })
})
const queue = async (app: FastifyInstance) => (await app.inject('/api/v1/metrics/queue'))
  .json<{ control: Control, backpressure: { thresholds: Record<string, number> } }>()
const controlOf = async (app: FastifyInstance) => {
  const { thresholds, shedding, sampling, fairness, fairOrder, forecastMode, delayBudgetMs } = (await queue(app)).control
  return { thresholds, shedding, sampling, fairness, fairOrder, forecastMode, normal: delayBudgetMs.normal }
}

t.test('three replicas follow a change of control, and return to their configuration with null', async (t) => {
  const redis = await startRedis(t)
  const start = async () => (await startApp(t, { redis, env: ENV })).app
  const apps = [await start(), await start(), await start()] as const
  const configured = {
    thresholds: 'static', shedding: 'cliff', sampling: 'off', fairness: 'off', fairOrder: 'off', forecastMode: 'observe',
    normal: 30_000
  }
  for (const app of apps) t.strictSame(await controlOf(app), configured)
  const wanted = {
    thresholds: 'adaptive', shedding: 'smooth', sampling: 'low', fairness: 'on', fairOrder: 'types', forecastMode: 'off',
    normal: 4_000
  }
  const answer = await patch(apps[0], {
    thresholds: 'adaptive', shedding: 'smooth', sampling: 'low', fairness: 'on', fairOrder: 'types', forecast: 'off',
    budgetsMs: { normal: 4_000 }
  })
  t.equal(answer.statusCode, 200)
  t.strictSame(await controlOf(apps[0]), wanted, 'the replica that was asked follows before it answers')
  for (const app of apps) {
    await eventually('it follows', async () => (await controlOf(app)).normal === 4_000)
    t.strictSame(await controlOf(app), wanted)
    t.equal(await metric(app, 'spillway_delay_budget_seconds{priority_class="normal"}'), 4)
  }
  await patch(apps[1], null)
  for (const app of apps) {
    await eventually('it follows', async () => (await controlOf(app)).normal === 30_000)
    t.strictSame(await controlOf(app), configured)
  }
})

t.test('switched under load, adaptive thresholds come without a jump, refuse for the budget, and leave without one', async (t) => {
  const { app } = await startApp(t, {
    env: { ...ENV, ROLE: 'all', QUEUE_SAMPLE_INTERVAL_MS: '50' },
    handlers: [eventHandler(async () => {
      await wait(10)
      return { status: 'done' }
    })]
  })
  const seen: { critical: number, at: number }[] = []
  app.queueMonitor.onReading(({ redisTimeMs }) => {
    seen.push({ critical: app.backpressure.signals.thresholds.critical, at: redisTimeMs })
  })
  const normal = Array.from({ length: 60 }, () => ({ type: 'x', payload: null, priority: 5 }))
  const post = async () => (await postBatch(app, normal)).json<{ results: { reason?: string }[] }>().results
  t.ok(Number.isNaN(await metric(app, 'spillway_backpressure_threshold_hold')), 'none')
  for (let posts = 0; posts < 10; posts++) await post()
  await eventually('the capacity is known', () => app.workerDemand.capacity.estimate.evidence === 'busy')
  await patch(app, { thresholds: 'adaptive', budgetsMs: { normal: 500 } })
  const reasons = new Set<string | undefined>()
  await eventually('an event is refused for the budget', async () => {
    for (const { reason } of await post()) reasons.add(reason)
    return reasons.has('delay-budget')
  })
  const { hold } = (await queue(app)).backpressure.thresholds
  t.ok(hold! > 0 && hold! < 1_000, `${hold}`)
  t.ok(await metric(app, 'spillway_backpressure_threshold_hold') > 0)
  t.ok(await metric(app, 'rule_engine_backpressure_rejected_total{priority_class="normal",reason="delay-budget"}') > 0)
  await patch(app, { thresholds: 'static' })
  await eventually('the thresholds of the operator are back, without a hold', () => {
    const { critical, hold } = app.backpressure.signals.thresholds
    return critical === 1_000 && hold === undefined
  })
  // A fifth in a second, and what rounding adds.
  const jumps = seen.filter(({ critical, at }, index) => {
    const before = seen[index - 1] ?? { critical, at }
    const most = 1 + 0.2 * Math.min(1, (at - before.at) / 1_000) + 1 / Math.min(critical, before.critical)
    return critical > before.critical * most || critical < before.critical / most
  })
  t.strictSame(jumps, [])
})

t.test('tells how many organizations are above their shares', async (t) => {
  const { app } = await startApp(t, { env: { ...ENV, QUEUE_SAMPLE_INTERVAL_MS: '5000' } })
  const reading = await eventually('the queue is read', () => app.queueMonitor.reading)
  const above = async () => (await queue(app)).control.organizationsAboveShare
  t.equal(await above(), 0)
  const { thresholds } = app.backpressure.signals
  app.backpressure.observe(reading, {
    mode: 'true', thresholds, fairShares: { above: 2, level: 10, over: () => undefined }
  })
  t.equal(await above(), 2)
})
