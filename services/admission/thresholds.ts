import { rounded } from './rate.ts'

/** Depths, in events, at which admission changes. Always recovery < warning < critical < hardLimit. */
export interface Thresholds {
  readonly recovery: number
  readonly warning: number
  readonly critical: number
  readonly hardLimit: number
  /**
   * Depth from which normal events are refused while the circuit stays as it is; low gives way before it. Without it
   * the depth runs into critical or warning, the circuit opens, and it swings for as long as the overload lasts.
   */
  readonly hold?: number
}

export const ASCENDING_THRESHOLDS = ['recovery', 'warning', 'critical', 'hardLimit'] as const

/** Returns the indexes of all values in adjacent pairs that do not ascend. */
export function outOfOrder (values: readonly number[], mayBeEqual = false): number[] {
  const isBroken = (index: number) => index > 0 && index < values.length && (
    values[index - 1]! > values[index]! || (!mayBeEqual && values[index - 1] === values[index])
  )
  return [...values.keys()].filter((index) => isBroken(index) || isBroken(index + 1))
}

/** Low priority is shed from this share of the critical threshold, so that normal events meet a queue with room. */
export const LOW_SHED_SHARE = 0.8

/** Depth from which low is shed while the circuit is closed. */
export function lowShedDepth ({ hold, critical }: Thresholds): number {
  return (hold ?? critical) * LOW_SHED_SHARE
}

const SAMPLED_LOW_SHED_SHARE = 0.95

/**
 * The same while a sample of low is kept. Producers choose the keys that decide on the sample, so a flood of kept events
 * would otherwise take every place up to the depth at which normal events are refused.
 */
export function sampledLowShedDepth ({ hold, critical }: Thresholds): number {
  const normalShedDepth = hold ?? critical
  return Math.min(normalShedDepth - 1, normalShedDepth * SAMPLED_LOW_SHED_SHARE)
}

/** Share of a hold from which streams are paced: they slow down before they are refused. */
const PACED_SHARE_OF_HOLD = 0.5

/** Depth from which streams are paced. */
export function pacedDepth ({ hold, warning }: Thresholds): number {
  return hold === undefined ? warning : hold * PACED_SHARE_OF_HOLD
}

/** A half-open circuit closes at this share of the recovery threshold; the gap keeps it from flapping. */
export const CLOSE_SHARE = 0.6

/** A queue is called degraded from this share of the warning threshold. */
const DEGRADED_SHARE = 0.5

export const QUEUE_HEALTHS = ['healthy', 'degraded', 'warning', 'critical', 'unknown'] as const

/** The index of a health in QUEUE_HEALTHS is its value in the metric `rule_engine_queue_health`. */
export type QueueHealth = (typeof QUEUE_HEALTHS)[number]

/** Share of the critical threshold, in percent, to a tenth. */
export function utilizationPercent (depth: number, { critical }: Pick<Thresholds, 'critical'>): number {
  return rounded(depth * 100 / critical)
}

/** Depth from which a queue is graded as warning. With a hold it never comes to the threshold, and low is shed below. */
export function warningDepth (thresholds: Thresholds): number {
  return thresholds.hold === undefined ? thresholds.warning : lowShedDepth(thresholds)
}

/** Grades a depth in events. */
export function queueHealth (depth: number, thresholds: Thresholds): Exclude<QueueHealth, 'unknown'> {
  if (depth >= thresholds.critical) return 'critical'
  const warning = warningDepth(thresholds)
  if (depth >= warning) return 'warning'
  return depth >= warning * DEGRADED_SHARE ? 'degraded' : 'healthy'
}
