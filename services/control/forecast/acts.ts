/*
 * The acts that a forecast may cause, in the order of what they cost producers: more workers cost nobody an event; a
 * smaller sample of low leaves out events that the kept ones still stand for; and shedding in advance refuses events
 * that might have been accepted. So the last two wait until workers were asked for, and are only for a breach that comes
 * before they can work. If low is sampled, nothing is shed in advance.
 */

export const ACTS = ['ask-for-workers', 'sample-low-harder', 'pre-shed-low'] as const

export type Act = (typeof ACTS)[number]

/** The reason for no act. */
export type Rest =
  | 'skill-unproven' | 'no-breach' | 'breach-is-here' | 'breach-is-far' | 'breach-too-brief' | 'workers-in-time'
  | 'nothing-to-shed'

/** An act, or none, and why. A share is that of the low events that are to be left out or refused. */
export type Decision =
  | { readonly act: 'none', readonly why: Rest }
  | { readonly act: 'ask-for-workers', readonly why: 'breach-ahead' }
  | { readonly act: 'sample-low-harder' | 'pre-shed-low', readonly why: 'breach-before-workers', readonly share: number }

export interface Prospect {
  /** The skill of the forecast has been proven. */
  readonly isTrusted: boolean
  /** Seconds until the predicted breach, and for how many ticks in a row one has been predicted. */
  readonly breachSeconds: number | undefined
  readonly breachTicks: number
  /** Workers were asked for because of this breach, and the seconds until they would work. */
  readonly areWorkersAsked: boolean
  readonly workersInSeconds: number
  /** Events per second above capacity, and those of them that are low. */
  readonly excessPerSecond: number
  readonly lowPerSecond: number
  /** A sample of low is kept under pressure, instead of refusing it. */
  readonly isLowSampled: boolean
}

/** A breach that shows for fewer ticks is noise. */
const LEAST_TICKS = 3

/** A breach that is further ahead is beyond what the skill was proven for. */
export const MOST_SECONDS = 180

/** The highest share of low events that a mere prediction may cost. */
const MOST_SHED = 0.5

/** The same while low is sampled: at most ten events are left to one that stands for them. */
const MOST_LEFT_OUT = 0.9

/** Returns what to do about a predicted breach. Normal and critical events are never touched. */
export function decideAct (prospect: Prospect): Decision {
  const { breachSeconds, excessPerSecond, lowPerSecond } = prospect
  if (!prospect.isTrusted) return { act: 'none', why: 'skill-unproven' }
  if (breachSeconds === undefined) return { act: 'none', why: 'no-breach' }
  // The policies that look at the depth have taken over.
  if (breachSeconds <= 0) return { act: 'none', why: 'breach-is-here' }
  if (breachSeconds > MOST_SECONDS) return { act: 'none', why: 'breach-is-far' }
  if (prospect.breachTicks < LEAST_TICKS) return { act: 'none', why: 'breach-too-brief' }
  if (!prospect.areWorkersAsked) return { act: 'ask-for-workers', why: 'breach-ahead' }
  if (breachSeconds >= prospect.workersInSeconds) return { act: 'none', why: 'workers-in-time' }
  if (lowPerSecond <= 0 || excessPerSecond <= 0) return { act: 'none', why: 'nothing-to-shed' }
  const excess = excessPerSecond / lowPerSecond
  return prospect.isLowSampled
    ? { act: 'sample-low-harder', why: 'breach-before-workers', share: Math.min(MOST_LEFT_OUT, excess) }
    : { act: 'pre-shed-low', why: 'breach-before-workers', share: Math.min(MOST_SHED, excess) }
}
