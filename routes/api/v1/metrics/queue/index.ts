import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { causeOfState } from '../../../../../services/admission/circuit.ts'
import { oldestWaitingSeconds } from '../../../../../services/admission/oldest-waiting.ts'
import { utilizationPercent } from '../../../../../services/admission/thresholds.ts'
import { workerCapacity } from '../../../../../services/scaling/worker-capacity.ts'
import { QUEUE_NAME } from '../../../../../services/queue/keys.ts'
import { QueueAnswerSchema } from '../../../../../services/status/queue-answer.ts'
import { knowledgeOf } from '../../../../../services/status/queue-status.ts'
import { shadowStatus } from '../../../../../services/status/shadow-status.ts'

const queueSchema = {
  tags: ['metrics'],
  operationId: 'getQueue',
  summary: 'Get the queue, its workers and the circuit',
  description:
    'Answers from the last reading, without Redis. While the queue cannot be read, `health` is unknown, `isKnown` is ' +
    'false, the figures of the queue are null, and `lastKnown` has the last figures with their time.',
  response: { 200: QueueAnswerSchema }
}

const UNKNOWN_COUNTS = { waiting: null, active: null, delayed: null, completed: null, failed: null }

const queue: FastifyPluginAsyncTypebox = async (fastify) => {
  const { backpressure, control, forecast, queueStatus, retryAccuracy, settings, shadowing, workerDemand } = fastify

  fastify.get('/', { schema: queueSchema, logLevel: 'warn', config: { scope: 'read' } }, async () => {
    const { signals, mode, rejectedCount, circuitAgeMs, circuitChangedAt, signalsAgeMs } = backpressure
    const status = queueStatus()
    const { isKnown, asOf, reading, depth, counts = UNKNOWN_COUNTS } = status
    const { thresholds, shedding, sampling, fairness, budgetsMs } = control.settings
    return {
      timestamp: new Date().toISOString(),
      ...knowledgeOf(status),
      queue: {
        name: QUEUE_NAME,
        counts,
        depthByPriority: Object.fromEntries(
          signals.depthByPriority.slice(1).map((events, index) => [String(index + 1), isKnown ? events : null])
        ),
        totalPending: depth ?? null,
        utilizationPercent: depth === undefined ? null : utilizationPercent(depth, signals.thresholds),
        health: status.health,
        isPaused: reading?.isPaused ?? null,
        pausedForMs: reading?.pausedForMs ?? null,
        arrivalRate: status.arrivalRate ?? null,
        drainRate: status.drainRate ?? null,
        timeToDrainSeconds: status.timeToDrainSeconds,
        oldestWaitingSeconds: oldestWaitingSeconds(reading?.oldestWaitingMsByPriority),
        snapshotAgeMs: signalsAgeMs
      },
      memory: status.memory ?? null,
      workers: {
        count: reading?.workers.length ?? null,
        capacity: reading === undefined ? null : workerCapacity(reading.workers),
        needed: isKnown ? workerDemand.needed ?? null : null,
        list:
          reading?.workers.map((worker) => ({ ...worker, handlers: [...worker.handlers], holds: [...worker.holds] })) ??
          null,
        problems: [...status.problems]
      },
      backpressure: {
        enabled: mode !== 'false',
        mode,
        circuitState: signals.circuitState,
        circuitCause: causeOfState(signals.circuits) ?? null,
        isKnown,
        asOf,
        thresholds: signals.thresholds,
        settingsVersion: settings.current.version,
        rejectedCount,
        lastStateChange: new Date(circuitChangedAt).toISOString(),
        stateAgeMs: circuitAgeMs
      },
      control: {
        thresholds,
        shedding,
        sampling,
        fairness,
        organizationsAboveShare: signals.fairShares?.above ?? 0,
        fairOrder: settings.current.settings.control.fairOrder,
        delayBudgetMs: budgetsMs,
        ...control.state,
        retryAfterAccuracy: retryAccuracy.quantiles,
        forecastMode: forecast.mode,
        ...forecast.state
      },
      shadow: shadowStatus(shadowing) ?? null
    }
  })
}

export default queue
