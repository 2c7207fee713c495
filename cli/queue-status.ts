import { printable } from '../services/terminal/printable.ts'
import { count, duration } from './paint.ts'
import type { ServiceApi } from './service-api.ts'

/** The figures of the last reading, while those of now are unknown. */
export interface LastKnown {
  /** RFC 3339. */
  readonly at: string
  readonly queueDepth: number
  readonly counts: Counts
  readonly workers: number
  readonly circuitState: string
  readonly arrivalRate: number
  readonly drainRate: number
}

interface Counts {
  readonly waiting: number
  readonly active: number
  readonly delayed: number
  readonly completed: number
  readonly failed: number
}

/** A cause that keeps workers from their work. */
export interface Problem {
  readonly kind: string
  /** `all` while no worker takes a batch. */
  readonly stops: string
  readonly text: string
  readonly remedy: string
}

/**
 * The answer of GET /api/v1/metrics/queue, as far as it is used. A null is an unknown figure, unless the field says
 * otherwise.
 */
export interface QueueStatus {
  readonly timestamp: string
  readonly isKnown: boolean
  /** Null while figures are known, and when none ever were. */
  readonly lastKnown: LastKnown | null
  readonly queue: {
    readonly counts: { readonly [Name in keyof Counts]: number | null }
    readonly totalPending: number | null
    readonly utilizationPercent: number | null
    readonly health: string
    /** For how long deliveries still wait for the consumer. */
    readonly pausedForMs: number | null
    readonly arrivalRate: number | null
    readonly drainRate: number | null
    /** Null while the queue does not shrink, too. */
    readonly timeToDrainSeconds: number | null
    /** By priority class; null where none waits, too. */
    readonly oldestWaitingSeconds: Readonly<Record<string, number | null>>
    readonly snapshotAgeMs: number
  }
  /** Null while figures are unknown; absent from a service of an older version. */
  readonly memory?: {
    readonly usedBytes: number
    readonly capacityBytes: number | null
    readonly utilizationPercent: number | null
    readonly thresholds: { readonly critical: number, readonly hardLimit: number } | null
    readonly deadLetterBytes: number | null
    readonly rememberedIds: number
  } | null
  readonly workers: {
    readonly count: number | null
    readonly capacity: number | null
    readonly needed: number | null
    readonly problems: readonly Problem[]
  }
  readonly backpressure: {
    readonly mode: string
    /** The circuit at the last reading. */
    readonly circuitState: string
    /** `bytes` when it is the memory of Redis that keeps it open; absent as above. */
    readonly circuitCause?: string | null
    readonly thresholds: { readonly warning: number, readonly critical: number, readonly recovery: number, readonly hardLimit: number }
    /** Absent from a service of an older version. */
    readonly settingsVersion?: number
    readonly rejectedCount: number
    readonly stateAgeMs: number
  }
}

/** Asks for the queue as it was last read. */
export function readQueue (service: ServiceApi): Promise<QueueStatus> {
  return service.ask('GET', 'api/v1/metrics/queue')
}

/**
 * Seconds until what is pending, and `further` events beside the queue, are processed; null when it is not known or
 * does not get less.
 */
export function secondsToDrain ({ totalPending, arrivalRate, drainRate, timeToDrainSeconds }: QueueStatus['queue'], further = 0): number | null {
  if (totalPending === null || arrivalRate === null || drainRate === null) return null
  if (totalPending + further === 0) return 0
  if (totalPending > 0) return timeToDrainSeconds === null ? null : timeToDrainSeconds * (totalPending + further) / totalPending
  return drainRate > arrivalRate ? further / (drainRate - arrivalRate) : null
}

/** Why nothing is processed and what to do, if that is so and does not end automatically. */
export function standstill ({ workers: { problems } }: QueueStatus): string | undefined {
  const problem = problems.find(({ kind, stops }) => stops === 'all' && kind !== 'consumer-wait')
  return problem && printable(`${problem.text}: ${problem.remedy}`, ' ')
}

/** When the queue was read last, and that it cannot be read now; undefined while it can. */
export function outage ({ isKnown, lastKnown, timestamp }: QueueStatus): string | undefined {
  if (isKnown) return undefined
  return lastKnown === null
    ? 'the queue cannot be read, and never could'
    : `the queue cannot be read; it was read last ${timeOf(lastKnown.at, timestamp)}`
}

/** The last known depth and its time. */
export function lastDepth ({ lastKnown, timestamp }: QueueStatus): string {
  return lastKnown === null
    ? 'no depth was ever known'
    : `last known: ${count(lastKnown.queueDepth)} events ${timeOf(lastKnown.at, timestamp)}`
}

function timeOf (at: string, now: string): string {
  return `at ${at.slice(11, 19)} UTC, ${duration((Date.parse(now) - Date.parse(at)) / 1_000)} ago`
}

/** The sum of a metric over all its labels in a page of Prometheus; undefined when it is not there. */
export function sumOf (page: string, metric: string): number | undefined {
  const values = [...page.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].map(([, value]) => Number(value))
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0)
}
