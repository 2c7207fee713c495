import { setTimeout as wait } from 'node:timers/promises'
import t from 'tap'
import type { FastifyInstance } from 'fastify'
import { eventHandler, metric, post, postBatch, startApp } from '../app.ts'
import { capturedLog } from '../captured-log.ts'
import type { Owner } from '../../rig/owner.ts'
import type { RedisProcess } from '../../rig/redis.ts'
import { eventually } from '../../rig/eventually.ts'

const OPERATOR = { recovery: 100, warning: 200, critical: 1_000 }
const THRESHOLDS = { QUEUE_RECOVERY_THRESHOLD: '100', QUEUE_WARNING_THRESHOLD: '200', QUEUE_CRITICAL_THRESHOLD: '1000' }

/** A service whose workers complete at most 200 events per second. */
const start = (t: Owner, env: Record<string, string>, redis?: RedisProcess) => startApp(t, {
  ...(redis && { redis }),
  env: {
    ...THRESHOLDS, ROLE: 'all', BATCH_MAX_EVENTS: '5', RULE_ENGINE_WORKER_CONCURRENCY: '2', HANDLER_CONCURRENCY: '1',
    DELAY_BUDGET_NORMAL_MS: '1000', ...env
  },
  handlers: [eventHandler(async () => {
    await wait(10)
    return { status: 'done' }
  })]
})

interface Answer {
  backpressure: { thresholds: Record<'recovery' | 'warning' | 'critical' | 'hardLimit', number> }
  control: {
    thresholds: string
    capacityPerSecond: number | null
    evidence: string
    waitMs: Record<string, number | null>
  }
}
const queue = async (app: FastifyInstance) => (await app.inject('/api/v1/metrics/queue')).json<Answer>()
const events = Array.from({ length: 800 }, () => ({ type: 'x', payload: null }))

t.test('adaptive thresholds come down to what slow workers sustain, and stay when all is done', async (t) => {
  const { app, redis } = await start(t, { BACKPRESSURE_THRESHOLDS: 'adaptive' })
  const before = await queue(app)
  t.match(before.backpressure.thresholds, OPERATOR, 'those of the operator until there is evidence')
  t.match(before.control, {
    thresholds: 'adaptive', capacityPerSecond: null, evidence: 'none', waitMs: { normal: null }
  })
  await postBatch(app, events)
  await eventually('the thresholds follow', async () => {
    const { backpressure: { thresholds }, control: { capacityPerSecond, evidence, waitMs } } = await queue(app)
    const { critical, warning } = thresholds
    return critical < 900 && warning < critical && evidence === 'busy' &&
      capacityPerSecond !== null && capacityPerSecond > 0 && capacityPerSecond <= 250 && waitMs.normal! > 0
  })
  await eventually('all is done', async () => (await queue(app)).control.evidence === 'held')
  const { backpressure: { thresholds } } = await queue(app)
  t.ok(thresholds.critical < 900)
  for (const name of ['recovery', 'warning', 'critical'] as const) {
    t.equal(await metric(app, `rule_engine_backpressure_threshold_${name}`), thresholds[name])
  }
  t.equal(await metric(app, 'spillway_capacity'), (await queue(app)).control.capacityPerSecond)
  t.equal(await metric(app, 'spillway_capacity_evidence'), 1)
  t.equal(await metric(app, 'spillway_delay_budget_seconds{priority_class="normal"}'), 1)
  t.equal(app.backpressure.signals.thresholds.critical, thresholds.critical, 'for the decisions too')
  const critical = await eventually('others can read what was learned', () => {
    const learned = JSON.parse(app.queueMonitor.reading?.control.learned ?? '{}')
    const { signals: { thresholds } } = app.backpressure
    return learned.thresholds?.critical === thresholds.critical && thresholds.critical
  })
  const { app: late } = await start(t, { BACKPRESSURE_THRESHOLDS: 'adaptive', ROLE: 'api' }, redis)
  const { backpressure: joined, control } = await queue(late)
  t.equal(joined.thresholds.critical, critical, 'a replica that starts has them from its first reading')
  t.equal(control.capacityPerSecond, (await queue(app)).control.capacityPerSecond)
})

t.test('static thresholds stay, beside what is known of the capacity', async (t) => {
  const { app } = await start(t, {})
  await postBatch(app, events)
  await eventually('the capacity is known', async () => (await queue(app)).control.evidence === 'busy')
  t.match(await queue(app), { control: { thresholds: 'static' }, backpressure: { thresholds: OPERATOR } })
})

t.test('a controller that fails is logged, and the thresholds of the operator decide', async (t) => {
  const { log, lines } = capturedLog()
  const { app } = await startApp(t, { env: { ...THRESHOLDS, BACKPRESSURE_THRESHOLDS: 'adaptive' }, log })
  app.control.relieve = () => { throw new Error('a bug of a controller') }
  await postBatch(app, events)
  await eventually('the depth is known', () => app.backpressure.signals.depth === events.length)
  t.match(app.backpressure.signals, { isDepthKnown: true, thresholds: OPERATOR })
  t.match((await post(app, { type: 'x', payload: null, priority: 9 })).json(), { reason: 'low-priority-shed' })
  t.equal(lines.filter(({ event }) => event === 'reading-listener-failed').length, 1)
})
