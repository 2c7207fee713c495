import type { Registry } from '@prometheus-io/client'
import type { AdmissionGate } from '../admission/gate.ts'
import { CIRCUIT_STATES } from '../admission/circuit.ts'
import { oldestWaitingSeconds } from '../admission/oldest-waiting.ts'
import { PRIORITY_CLASSES } from '../admission/priority-class.ts'
import { sum } from '../admission/sum.ts'
import { QUEUE_HEALTHS, type QueueHealth } from '../admission/thresholds.ts'
import { workerCapacity } from '../scaling/worker-capacity.ts'
import { isConsumerAway } from '../queue/consumer-away.ts'
import type { QueueReading } from '../queue/reading.ts'
import { byHandlers, heldWorkers } from '../status/work-problem.ts'
import { showCounter, showGauge } from './shown.ts'

/**
 * A scrape sets the gauges from the last snapshot and never calls Redis. While the queue cannot be read, they keep
 * their values; rule_engine_queue_health and spillway_signals_age_seconds show that.
 */
interface Snapshot {
  gate: AdmissionGate
  health: QueueHealth
  reading: QueueReading | undefined
  /** Undefined while it is unknown. */
  workersNeeded: number | undefined
  idLifeMs: number
}

interface SnapshotMetric {
  help: string
  value: (snapshot: Snapshot) => number
}

/** NaN before the first reading: unknown is not zero. */
const GAUGES: Record<string, SnapshotMetric> = {
  rule_engine_queue_waiting: {
    help: 'Events that wait for a worker',
    value: ({ reading }) => sum(reading?.depthByPriority) - sum(reading?.activeByPriority)
  },
  rule_engine_queue_active: {
    help: 'Events that workers are processing',
    value: ({ reading }) => sum(reading?.activeByPriority)
  },
  rule_engine_queue_delayed: {
    help: 'Events that wait for their next attempt',
    value: ({ reading }) => sum(reading?.delayedByPriority)
  },
  rule_engine_queue_total_pending: {
    help: 'Events waiting or active: the depth of the queue',
    value: ({ reading }) => sum(reading?.depthByPriority)
  },
  rule_engine_workers: { help: 'Live worker processes', value: ({ reading }) => reading?.workers.length ?? NaN },
  spillway_workers_held: {
    help: 'Live worker processes that take no batch',
    value: ({ reading }) => (reading === undefined ? NaN : heldWorkers(reading.workers).length)
  },
  spillway_worker_handler_lists: {
    help:
      'Number of different handler lists among live workers; above 1, the outcome of an event depends on its worker',
    value: ({ reading }) => reading === undefined ? NaN : byHandlers(reading.workers).size
  },
  rule_engine_queue_health: {
    help: '0 healthy, 1 degraded, 2 warning, 3 critical, 4 unknown (then the other queue metrics are old)',
    value: ({ health }) => QUEUE_HEALTHS.indexOf(health)
  },
  rule_engine_backpressure_circuit_state: {
    help: '0 CLOSED, 1 HALF_OPEN, 2 OPEN',
    value: ({ gate }) => CIRCUIT_STATES.indexOf(gate.signals.circuitState)
  },
  rule_engine_backpressure_threshold_warning: {
    help: 'Warning threshold in events',
    value: ({ gate }) => gate.signals.thresholds.warning
  },
  rule_engine_backpressure_threshold_critical: {
    help: 'Critical threshold in events',
    value: ({ gate }) => gate.signals.thresholds.critical
  },
  rule_engine_backpressure_threshold_recovery: {
    help: 'Recovery threshold in events',
    value: ({ gate }) => gate.signals.thresholds.recovery
  },
  spillway_backpressure_threshold_hold: {
    help: 'Depth from which normal events are refused before the circuit opens; NaN with static thresholds',
    value: ({ gate }) => gate.signals.thresholds.hold ?? NaN
  },
  spillway_redis_used_bytes: {
    help: 'Bytes that Redis holds, as it compares them with its maxmemory',
    value: ({ gate, reading }) => reading === undefined ? NaN : gate.signals.memory.usedBytes
  },
  spillway_redis_capacity_bytes: {
    help: 'Bytes that Redis may hold: its maxmemory, or else a share of its machine; NaN while unknown',
    value: ({ gate }) => gate.signals.memory.capacityBytes ?? NaN
  },
  spillway_queue_critical_bytes: {
    help: 'Bytes in Redis at which the circuit opens; NaN when there is no such threshold',
    value: ({ gate }) => gate.signals.memory.thresholds?.critical ?? NaN
  },
  spillway_queue_hard_bytes: {
    help: 'Bytes in Redis at which critical events are spooled; NaN when there is no such threshold',
    value: ({ gate }) => gate.signals.memory.thresholds?.hardLimit ?? NaN
  },
  spillway_queue_shards_away: {
    help: 'Shards of the queue that cannot be read', value: ({ reading }) => reading?.awayShards?.length ?? 0
  },
  spillway_remembered_ids: { help: 'Remembered ids of events', value: ({ reading }) => reading?.rememberedIds ?? NaN },
  spillway_remembered_id_life_seconds: {
    help: 'How long the id of a new event is remembered; less than IDEMPOTENCY_TTL_MS while there are many',
    value: ({ idLifeMs }) => idLifeMs / 1000
  },
  spillway_active_batches: {
    help: 'Batches that workers are processing',
    value: ({ reading }) => reading?.jobs.active ?? NaN
  },
  spillway_worker_capacity: {
    help: 'Batches that all live workers can process at once; workers that take no batch do not count',
    value: ({ reading }) => reading === undefined ? NaN : workerCapacity(reading.workers)
  },
  spillway_workers_needed: {
    help: 'Worker processes needed to keep the delay budgets; NaN while unknown',
    value: ({ workersNeeded }) => workersNeeded ?? NaN
  },
  spillway_arrival_rate: {
    help: 'Events accepted per second, smoothed, over all replicas',
    value: ({ gate }) => sum(gate.signals.arrivalRateByPriority)
  },
  spillway_drain_rate: {
    help: 'Events finished per second while there was work, smoothed, over all workers',
    value: ({ gate }) => gate.signals.drainRate
  },
  spillway_paused: {
    help: '1 while an operator has paused the workers',
    value: ({ reading }) => (reading === undefined ? NaN : Number(reading.isPaused))
  },
  spillway_consumer_pause_seconds: {
    help: 'How long deliveries still wait because the consumer asked for a pause or fails; 0 if they do not wait',
    value: ({ reading }) => (reading?.pausedForMs ?? NaN) / 1000
  },
  spillway_consumer_away: {
    help: '1 while deliveries of all workers wait for the consumer, or no worker can reach it',
    value: ({ reading }) => reading === undefined ? NaN : Number(isConsumerAway(reading))
  },
  spillway_signals_age_seconds: {
    help: 'Age of the snapshot of the queue',
    value: ({ gate, reading }) => reading === undefined ? NaN : gate.signalsAgeMs / 1000
  }
}

/** Counts over all processes in Redis; absent before the first reading. */
const COUNTERS: Record<string, { help: string, value: (reading: QueueReading) => number }> = {
  rule_engine_queue_completed_total: { help: 'Events handled, by all workers', value: ({ done }) => done },
  rule_engine_queue_failed_total: { help: 'Events that became dead letters', value: ({ dead }) => dead }
}

/** Registers all metrics of the last snapshot. */
export function registerQueueMetrics (registry: Registry, snapshot: () => Snapshot): void {
  for (const [name, { help, value }] of Object.entries(GAUGES)) {
    showGauge(registry, { name, help, read: () => value(snapshot()) })
  }
  for (const [name, { help, value }] of Object.entries(COUNTERS)) {
    showCounter(registry, {
      name, help,
      read: () => {
        const { reading } = snapshot()
        return reading && value(reading)
      }
    })
  }
  showGauge(registry, {
    name: 'spillway_oldest_waiting_seconds',
    help: 'How long the next batch has waited; NaN if none waits or the queue cannot be read',
    label: 'priority_class',
    read: () => {
      const { health, reading } = snapshot()
      const ages = oldestWaitingSeconds(health === 'unknown' ? undefined : reading?.oldestWaitingMsByPriority)
      return Object.fromEntries(PRIORITY_CLASSES.map((name) => [name, ages[name] ?? NaN]))
    }
  })
}
