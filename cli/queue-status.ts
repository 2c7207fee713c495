import { duration } from './paint.ts'
import type { ServiceApi } from './service-api.ts'

/** The answer of GET /api/v1/metrics/queue, as far as it is used. */
export interface QueueStatus {
  readonly timestamp: string
  readonly queue: {
    readonly counts: { readonly waiting: number, readonly active: number, readonly delayed: number, readonly completed: number, readonly failed: number }
    /** Null while the depth is not known. */
    readonly totalPending: number | null
    readonly utilizationPercent: number | null
    readonly health: string
    readonly isPaused: boolean
    /** For how long deliveries still wait for the consumer. */
    readonly pausedForMs: number
    readonly arrivalRate: number
    readonly drainRate: number
    /** Null while the queue does not shrink. */
    readonly timeToDrainSeconds: number | null
    /** By priority class; null where none waits. */
    readonly oldestWaitingSeconds: Readonly<Record<string, number | null>>
    readonly snapshotAgeMs: number
  }
  readonly workers: { readonly count: number, readonly capacity: number, readonly needed: number | null, readonly list: readonly { hostname: string, pid: number, concurrency: number, handlers: readonly string[], holds: readonly string[] }[] }
  readonly backpressure: {
    readonly mode: string
    readonly circuitState: string
    readonly thresholds: { readonly warning: number, readonly critical: number, readonly recovery: number, readonly hardLimit: number }
    readonly rejectedCount: number
    readonly stateAgeMs: number
  }
}

/** Asks for the queue as it was last read. */
export function readQueue (service: ServiceApi): Promise<QueueStatus> {
  return service.ask('GET', 'api/v1/metrics/queue')
}

/** Seconds until what is pending, and `further` events beside the queue, are worked off; null when it is not known or does not get less. */
export function secondsToDrain ({ totalPending, arrivalRate, drainRate, timeToDrainSeconds }: QueueStatus['queue'], further = 0): number | null {
  if (totalPending === null) return null
  if (totalPending + further === 0) return 0
  if (totalPending > 0) return timeToDrainSeconds === null ? null : timeToDrainSeconds * (totalPending + further) / totalPending
  return drainRate > arrivalRate ? further / (drainRate - arrivalRate) : null
}

/** Why nothing is being worked off, if that is so. */
export function standstill ({ queue, workers }: QueueStatus): string | undefined {
  if (queue.isPaused) return 'the workers are paused: POST /api/v1/workers/resume lets them go on'
  if (workers.count === 0) return 'there is no worker: start one with `npm run worker`'
  return undefined
}

/** That deliveries wait for the consumer, if they do; unlike a standstill that ends by itself, or with the next attempt. */
export function consumerWait ({ queue: { pausedForMs } }: QueueStatus): string | undefined {
  return pausedForMs > 0 ? `deliveries wait for the consumer, which asked for it or fails; the next attempt is in ${duration(pausedForMs / 1_000)}` : undefined
}

/** The sum of a metric over all its labels in a page of Prometheus; undefined when it is not there. */
export function sumOf (page: string, metric: string): number | undefined {
  const values = [...page.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].map(([, value]) => Number(value))
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0)
}
