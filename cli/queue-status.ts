import type { QueueAnswer } from '../services/status/queue-answer.ts'
import { counted } from '../services/terminal/counted.ts'
import { printable } from '../services/terminal/printable.ts'
import { duration } from './paint.ts'
import type { ServiceApi } from './service-api.ts'

/** The answer of GET /api/v1/metrics/queue. A service of an older version lacks the optional members. */
export type QueueStatus = Omit<QueueAnswer, 'memory' | 'control' | 'shadow' | 'backpressure'> & {
  readonly memory?: QueueAnswer['memory']
  readonly control?: Pick<QueueAnswer['control'], 'timeToEmptyMs'> & Partial<QueueAnswer['control']>
  readonly shadow?: QueueAnswer['shadow']
  readonly backpressure: Omit<QueueAnswer['backpressure'], 'circuitCause'> & Partial<Pick<QueueAnswer['backpressure'], 'circuitCause'>>
}

/** The figures of the last reading while the current ones are unknown. */
export type LastKnown = NonNullable<QueueAnswer['lastKnown']>

/** Gets the last reading of the queue. */
export function readQueue (service: ServiceApi): Promise<QueueStatus> {
  return service.ask('GET', 'api/v1/metrics/queue')
}

/**
 * Returns the seconds until the pending events and `further` events outside of the queue are processed; null if that is
 * unknown or the number does not shrink.
 */
export function secondsToDrain (
  { totalPending, arrivalRate, drainRate, timeToDrainSeconds }: QueueStatus['queue'],
  further = 0
): number | null {
  if (totalPending === null || arrivalRate === null || drainRate === null) return null
  if (totalPending + further === 0) return 0
  if (totalPending > 0) {
    return timeToDrainSeconds === null ? null : timeToDrainSeconds * (totalPending + further) / totalPending
  }
  return drainRate > arrivalRate ? further / (drainRate - arrivalRate) : null
}

/** Returns why nothing is processed and what to do; undefined if events are processed or will be automatically. */
export function standstill ({ workers: { problems } }: QueueStatus): string | undefined {
  const problem = problems.find(({ kind, stops }) => stops === 'all' && kind !== 'consumer-wait')
  return problem && printable(`${problem.text}: ${problem.remedy}`, ' ')
}

/** Says that the queue cannot be read and when it last was; undefined while it can. */
export function outage ({ isKnown, lastKnown, timestamp }: QueueStatus): string | undefined {
  if (isKnown) return undefined
  return lastKnown === null
    ? 'the queue cannot be read and has never been read'
    : `the queue cannot be read; the last reading was ${timeOf(lastKnown.at, timestamp)}`
}

/** Says the last known depth and its time. */
export function lastDepth ({ lastKnown, timestamp }: QueueStatus): string {
  return lastKnown === null
    ? 'the depth was never known'
    : `last known: ${counted(lastKnown.queueDepth, 'event')} ${timeOf(lastKnown.at, timestamp)}`
}

function timeOf (at: string, now: string): string {
  return `at ${at.slice(11, 19)} UTC, ${duration((Date.parse(now) - Date.parse(at)) / 1_000)} ago`
}

/** Returns the sum of a metric over all its labels in a page of Prometheus; undefined if it is absent. */
export function sumOf (page: string, metric: string): number | undefined {
  const values = [...page.matchAll(new RegExp(`^${metric}(?:\\{[^}]*\\})? (\\S+)$`, 'gm'))].map(([, value]) => Number(value))
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0)
}
