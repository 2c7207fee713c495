import type { FastifyPluginAsyncTypebox } from '@fastify/type-provider-typebox'
import { drainForecast } from '../../../../../services/admission/drain-forecast.ts'
import { oldestWaitingSeconds } from '../../../../../services/backpressure/oldest-waiting.ts'
import { QUEUE_NAME } from '../../../../../services/queue/keys.ts'
import { queueSchema } from './schema.ts'

const queue: FastifyPluginAsyncTypebox = async (fastify) => {
  const { backpressure, queueMonitor, workerDemand } = fastify

  fastify.get('/', { schema: queueSchema, logLevel: 'warn' }, async () => {
    const { signals, health, mode, rejectedCount, circuitAgeMs, signalsAgeMs } = backpressure
    const { reading } = queueMonitor
    const workers = reading?.workers ?? []
    const { hardLimit, ...thresholds } = signals.thresholds
    return {
      timestamp: new Date().toISOString(),
      queue: {
        name: QUEUE_NAME,
        counts: {
          waiting: sum(reading?.depthByPriority) - sum(reading?.activeByPriority),
          active: sum(reading?.activeByPriority),
          delayed: sum(reading?.delayedByPriority),
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
        capacity: workers.reduce((total, { concurrency }) => total + concurrency, 0),
        needed: workerDemand.needed ?? null,
        list: [...workers]
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

function sum (events: readonly number[] = []): number {
  return events.reduce((total, count) => total + count, 0)
}

export default queue
