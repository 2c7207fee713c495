import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { drainForecast } from '../../../../../services/admission/drain-forecast.ts'
import { oldestWaitingSeconds } from '../../../../../services/backpressure/oldest-waiting.ts'
import { sum } from '../../../../../services/backpressure/sum.ts'
import { workerCapacity } from '../../../../../services/backpressure/worker-capacity.ts'
import { QUEUE_NAME } from '../../../../../services/queue/keys.ts'
import { queueSchema } from './schema.ts'

const queue: FastifyPluginAsyncTypebox = async (fastify) => {
  const { backpressure, queueMonitor, workerDemand } = fastify

  fastify.get('/', { schema: queueSchema, logLevel: 'warn' }, async () => {
    const { signals, health, mode, rejectedCount, circuitAgeMs, signalsAgeMs } = backpressure
    const { reading } = queueMonitor
    const { workers = [], depthByPriority = [], activeByPriority = [], delayedByPriority = [] } = reading ?? {}
    const { hardLimit, ...thresholds } = signals.thresholds
    return {
      timestamp: new Date().toISOString(),
      queue: {
        name: QUEUE_NAME,
        counts: {
          waiting: sum(depthByPriority) - sum(activeByPriority),
          active: sum(activeByPriority),
          delayed: sum(delayedByPriority),
          completed: reading?.done ?? 0,
          failed: reading?.dead ?? 0
        },
        depthByPriority: Object.fromEntries(signals.depthByPriority.slice(1).map((events, index) => [String(index + 1), events])),
        totalPending: signals.isDepthKnown ? signals.depth : null,
        utilizationPercent: signals.isDepthKnown ? Math.round(signals.depth * 1000 / thresholds.critical) / 10 : null,
        health,
        isPaused: reading?.isPaused ?? false,
        pausedForMs: reading?.pausedForMs ?? 0,
        arrivalRate: sum(signals.arrivalRateByPriority),
        drainRate: signals.drainRate,
        timeToDrainSeconds: drainForecast(backpressure),
        oldestWaitingSeconds: oldestWaitingSeconds(signals.isDepthKnown ? reading?.oldestWaitingMsByPriority : undefined),
        snapshotAgeMs: signalsAgeMs
      },
      workers: {
        count: workers.length,
        capacity: workerCapacity(workers),
        needed: workerDemand.needed ?? null,
        list: workers.map((worker) => ({ ...worker, handlers: [...worker.handlers], holds: [...worker.holds] }))
      },
      backpressure: {
        enabled: mode !== 'false',
        mode,
        circuitState: signals.circuitState,
        thresholds: { ...thresholds, hardLimit },
        rejectedCount,
        lastStateChange: new Date(signals.circuitSince).toISOString(),
        stateAgeMs: circuitAgeMs
      }
    }
  })
}

export default queue
