/*
 * Decides on the share of each class that is kept as a sample, in place of refusals. Under smooth shedding a class keeps
 * what the loop does not refuse of it. Otherwise pressure x rises from 0 at the warning threshold to 1 at the critical
 * one, or from half of a hold to the hold, and the shares fall with it:
 *
 *   low      1 - x       gives way at once
 *   normal   1 - x⁴      holds until the end: 0.94 at x = 0.5
 *   critical 1
 *
 * A forecast may lower the share of low ahead of a breach.
 *
 * Sums over the weights of kept events are unbiased as long as each event may be kept, so no share falls to zero.
 */
import type { PriorityClass } from '../admission/priority-class.ts'
import type { Shedding, Shares } from '../admission/signals.ts'
import { pacedDepth, type Thresholds } from '../admission/thresholds.ts'
import { byClass } from './wait.ts'

/** The classes that each setting samples. */
export const SAMPLED_CLASSES = {
  off: [],
  low: ['low'],
  'low-and-normal': ['normal', 'low']
} as const satisfies Record<string, readonly PriorityClass[]>

export type Sampling = keyof typeof SAMPLED_CLASSES

/** Share that is kept whatever the pressure is. */
const LEAST_SHARE = 0.01

/** The answers to a queue that fills up, short of the circuit. */
export interface Relief {
  readonly shedding: Shedding | undefined
  /** Shares of the classes to keep; undefined while there is no sample. */
  readonly kept: Shares | undefined
}

/**
 * Lets a sample stand in for what would be shed of the sampled classes.
 *
 * @param mostLow the highest share of low events to keep
 */
export function relief (
  sampling: Sampling, depth: number, thresholds: Thresholds, shedding: Shedding | undefined, mostLow = 1
): Relief {
  const classes: readonly PriorityClass[] = SAMPLED_CLASSES[sampling]
  // A sample of low must not get in while normal events are refused.
  const isBeyond = !classes.includes('normal') && (shedding?.shares.normal ?? 0) > 0
  if (classes.length === 0 || isBeyond) return { shedding, kept: undefined }
  const ofAll = shedding === undefined ? rampShares(depth, thresholds) : leftBy(shedding)
  return {
    shedding: shedding && {
      ...shedding, shares: byClass((name) => classes.includes(name) ? 0 : shedding.shares[name])
    },
    kept: byClass((name) => classes.includes(name)
      ? Math.max(LEAST_SHARE, Math.min(ofAll[name], name === 'low' ? mostLow : 1))
      : 1)
  }
}

function rampShares (depth: number, thresholds: Thresholds): Shares {
  const from = pacedDepth(thresholds)
  const to = thresholds.hold ?? thresholds.critical
  const pressure = Math.min(1, Math.max(0, (depth - from) / (to - from)))
  return { critical: 1, normal: 1 - pressure ** 4, low: 1 - pressure }
}

function leftBy ({ shares }: Shedding): Shares {
  return byClass((name) => 1 - shares[name])
}
