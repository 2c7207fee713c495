import { Registry } from '@prometheus-io/client'
import t from 'tap'
import { registerQueueMetrics } from '../../../services/metrics/queue-metrics.ts'
import type { QueueReading } from '../../../services/queue/reading.ts'
import { queueStatusOf } from '../../../services/status/queue-status.ts'
import { readingOf, startGate } from '../admission/setup.ts'
import { byPriority } from '../queue/setup.ts'
import { seriesOf } from './series.ts'

const WORKER = { id: 'w', hostname: 'h', pid: 1, concurrency: 20, startedAt: '', handlers: ['delivery'], holds: [] }

async function startMetrics () {
  const started = await startGate()
  const registry = new Registry()
  const state: { reading: QueueReading | undefined, workersNeeded: number | undefined } = {
    reading: undefined,
    workersNeeded: undefined
  }
  const health = () =>
    queueStatusOf({ gate: started.gate, reading: state.reading, deadLetters: undefined, sampleIntervalMs: 100 }).health
  registerQueueMetrics(registry, () => ({ gate: started.gate, health: health(), idLifeMs: 600_000, ...state }))
  const observe = (reading: QueueReading) => {
    state.reading = reading
    started.gate.observe(reading)
  }
  return { ...started, registry, state, observe }
}

t.test('before the first reading no depth is told and the health is unknown', async (t) => {
  const { registry } = await startMetrics()
  t.match(await seriesOf(registry), {
    rule_engine_queue_waiting: NaN,
    rule_engine_queue_active: NaN,
    rule_engine_queue_delayed: NaN,
    rule_engine_queue_total_pending: NaN,
    rule_engine_workers: NaN,
    spillway_workers_held: NaN,
    spillway_worker_handler_lists: NaN,
    spillway_worker_capacity: NaN,
    spillway_paused: NaN,
    spillway_consumer_pause_seconds: NaN,
    spillway_consumer_away: NaN,
    spillway_active_batches: NaN,
    spillway_signals_age_seconds: NaN,
    rule_engine_queue_health: 4,
    rule_engine_backpressure_circuit_state: 0,
    rule_engine_backpressure_threshold_recovery: 50,
    rule_engine_backpressure_threshold_warning: 100,
    rule_engine_backpressure_threshold_critical: 500
  })
})

t.test('a count over all processes is not shown before it is known, since a rise from zero would be that many events at once', async (t) => {
  const { registry, observe } = await startMetrics()
  const names = ['rule_engine_queue_completed_total', 'rule_engine_queue_failed_total']
  for (const name of names) t.notOk(name in await seriesOf(registry), name)
  observe(readingOf({}, { done: 1_000_000 }))
  t.match(await seriesOf(registry), { rule_engine_queue_completed_total: 1_000_000, rule_engine_queue_failed_total: 0 })
})

t.test('shows the last reading, in events', async (t) => {
  const { registry, observe } = await startMetrics()
  observe(
    readingOf(
      { 1: 10, 5: 600 },
      {
        activeByPriority: byPriority({ 1: 4, 5: 6 }),
        delayedByPriority: byPriority({ 9: 3 }),
        done: 70,
        dead: 8,
        jobs: { waiting: 9, active: 3, delayed: 1, unsettled: 0, failed: 0 },
        workers: [WORKER, { ...WORKER, id: 'v', concurrency: 5, handlers: ['show'], holds: ['consumer-unreachable'] }]
      }
    )
  )
  t.match(await seriesOf(registry), {
    rule_engine_queue_waiting: 600,
    rule_engine_queue_active: 10,
    rule_engine_queue_delayed: 3,
    rule_engine_queue_total_pending: 610,
    rule_engine_workers: 2,
    spillway_workers_held: 1,
    spillway_worker_handler_lists: 2,
    spillway_worker_capacity: 20,
    spillway_active_batches: 3,
    rule_engine_queue_completed_total: 70,
    rule_engine_queue_failed_total: 8,
    rule_engine_queue_health: 3,
    rule_engine_backpressure_circuit_state: 2
  })
  observe(readingOf({}, { done: 680, dead: 8, workers: [WORKER] }))
  t.match(await seriesOf(registry), {
    rule_engine_queue_total_pending: 0, rule_engine_queue_completed_total: 680, rule_engine_queue_failed_total: 8,
    rule_engine_queue_health: 1, rule_engine_backpressure_circuit_state: 1
  })
})

t.test('shows the bytes of Redis and where they change admission, and NaN where nobody knows', async (t) => {
  const { registry, observe } = await startMetrics()
  observe(readingOf({ 5: 7 }, { memory: { usedBytes: 650, maxBytes: 1_000, machineBytes: 0 }, rememberedIds: 12 }))
  t.match(await seriesOf(registry), {
    spillway_redis_used_bytes: 650,
    spillway_redis_capacity_bytes: 1_000,
    spillway_queue_critical_bytes: 700,
    spillway_queue_hard_bytes: 900,
    spillway_queue_shards_away: 0,
    spillway_remembered_ids: 12,
    spillway_remembered_id_life_seconds: 600
  })
  observe(readingOf({ 5: 7 }, { memory: { usedBytes: 650, maxBytes: 0, machineBytes: 0 } }))
  t.match(await seriesOf(registry), {
    spillway_redis_capacity_bytes: NaN,
    spillway_queue_critical_bytes: NaN,
    spillway_queue_hard_bytes: NaN
  })
})

t.test('shows the same however often it is scraped', async (t) => {
  const { registry, observe } = await startMetrics()
  observe(readingOf({ 5: 7 }, { done: 70 }))
  const first = await seriesOf(registry)
  t.strictSame(await seriesOf(registry), first)
})

t.test('a queue that is lost keeps its numbers and is of unknown health', async (t) => {
  const { registry, observe, gate, clock } = await startMetrics()
  observe(readingOf({ 5: 600 }))
  gate.lose(new Error('no answer'))
  clock.now += 1_500
  t.match(await seriesOf(registry), {
    rule_engine_queue_total_pending: 600,
    rule_engine_queue_health: 4,
    rule_engine_backpressure_circuit_state: 2,
    spillway_signals_age_seconds: 1.5
  })
})

t.test('shows the age of the oldest batch of each class, and whether the workers are paused', async (t) => {
  const { registry, observe, gate } = await startMetrics()
  const ages = byPriority({ 2: 1_500, 4: 700, 10: 40 }).map((age) => age === 0 ? null : age)
  const oldest = async () => {
    const series = await seriesOf(registry)
    return ['critical', 'normal', 'low'].map((name) =>
      series[`spillway_oldest_waiting_seconds{priority_class="${name}"}`]
    )
  }
  t.strictSame(await oldest(), [NaN, NaN, NaN])
  observe(readingOf({ 2: 1, 4: 1, 10: 1 }, { oldestWaitingMsByPriority: ages, isPaused: true, pausedForMs: 2_500 }))
  t.strictSame(await oldest(), [NaN, 1.5, 0.04])
  t.match(await seriesOf(registry), {
    spillway_paused: 1,
    spillway_consumer_pause_seconds: 2.5,
    spillway_consumer_away: 1
  })
  const unreached = { ...WORKER, holds: ['consumer-unreachable' as const] }
  for (const [workers, isAway] of [[[unreached], 1], [[unreached, WORKER], 0], [[], 0]] as const) {
    observe(readingOf({ 2: 1, 4: 1, 10: 1 }, {
      oldestWaitingMsByPriority: ages,
      isPaused: true,
      workers: [...workers]
    }))
    t.equal((await seriesOf(registry)).spillway_consumer_away, isAway, `${workers.length} workers`)
  }
  gate.lose(new Error('no answer'))
  t.strictSame(await oldest(), [NaN, NaN, NaN], 'a queue that cannot be read is of unknown age')
})

t.test('every step of health has its number', async (t) => {
  const { registry, observe } = await startMetrics()
  for (
    const [depth, health] of [[0, 0], [49, 0], [50, 1], [99, 1], [100, 2], [499, 2], [500, 3], [5_000, 3]] as const
  ) {
    observe(readingOf({ 5: depth }, { workers: [WORKER] }))
    t.equal((await seriesOf(registry)).rule_engine_queue_health, health, `${depth} events`)
  }
})

t.test('how many workers are needed is a number or NaN, never zero for unknown', async (t) => {
  const { registry, state } = await startMetrics()
  t.match(await seriesOf(registry), { spillway_workers_needed: NaN })
  state.workersNeeded = 7
  t.match(await seriesOf(registry), { spillway_workers_needed: 7 })
})
