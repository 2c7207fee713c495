import { classOf } from './order.ts'

/** The thresholds of Spillway in the proof. */
export interface Thresholds {
  readonly recovery: number
  readonly warning: number
  readonly critical: number
  readonly hardLimit: number
}

/** The circumstances at the moment of a refusal. */
export interface ShedCircumstances {
  /** The most events that can have been in the queue at once recently: posted, not refused, and not arrived. */
  readonly mostOutstanding: number
  /** Whether a fault lasts, or ended shortly before. */
  readonly isDisturbed: boolean
}

/** Tolerance, since depth includes events in the API, and both sides count with a short delay. */
const SLACK_SHARE = 0.75
const LOW_SHED_SHARE = 0.8

/** Returns why a refusal cannot have been justified; undefined if it can. */
export function shedProblem (
  reason: string,
  priority: number,
  { mostOutstanding, isDisturbed }: ShedCircumstances,
  thresholds: Thresholds
): string | undefined {
  const { critical, hardLimit } = thresholds
  const name = classOf(priority)
  const reaches = (depth: number) => mostOutstanding >= depth * SLACK_SHARE
  const tooEarly = (depth: number) =>
    reaches(depth) ? undefined : `${reason} with at most ${mostOutstanding} events in the queue, from ${depth} on`
  switch (reason) {
    case 'circuit-open': return name === 'critical' ? 'a critical event was refused by the circuit' : tooEarly(critical)
    case 'low-priority-shed':
      return name === 'low' ? tooEarly(critical * LOW_SHED_SHARE) : `a ${name} event was refused as a low one`
    case 'queue-full': return isDisturbed ? undefined : tooEarly(hardLimit)
    case 'queue-bytes':
      if (name === 'critical') return 'a critical event was refused for the bytes of Redis'
      return isDisturbed ? undefined : 'queue-bytes with nothing out of order'
    case 'process-overloaded':
      if (name === 'critical') return 'a critical event was refused because the process was busy'
      return isDisturbed ? undefined : 'process-overloaded with nothing out of order'
    case 'bodies-in-flight':
    case 'queue-unavailable':
    case 'spool-unavailable':
    case 'stopping':
      return isDisturbed ? undefined : `${reason} with nothing out of order`
    default: return isDisturbed ? undefined : `an unknown reason, ${reason}`
  }
}
