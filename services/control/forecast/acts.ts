/*
 * The acts that a forecast may cause, in the order of what they cost those who send: more workers cost nobody an
 * event, a sample keeps a known share, and shedding in advance loses events that might have been accepted. Each waits
 * for the one before it, and shedding waits for nothing to be left that comes in time.
 */

export type Act = 'ask-for-workers' | 'sample-low-harder' | 'pre-shed-low'

/** The reason for no act. */
export type Rest = 'skill-unproven' | 'no-breach' | 'breach-too-brief' | 'workers-in-time' | 'nothing-to-shed'

/** An act, or none, and why. A share is that of low events. */
export type Decision =
  | { readonly act: 'none', readonly why: Rest }
  | { readonly act: 'ask-for-workers', readonly why: 'breach-ahead' }
  | { readonly act: 'sample-low-harder', readonly why: 'breach-despite-workers' }
  | { readonly act: 'pre-shed-low', readonly why: 'breach-before-workers', readonly share: number }

export interface Prospect {
  /** The skill of the forecast has been proven. */
  readonly isTrusted: boolean
  /** Seconds until the predicted breach, and for how many ticks in a row one has been predicted. */
  readonly breachSeconds: number | undefined
  readonly breachTicks: number
  /** Workers were asked for because of this breach, and the seconds until they would work. */
  readonly areWorkersAsked: boolean
  readonly workersInSeconds: number
  /** Low events can be sampled harder than they are. */
  readonly canSampleHarder: boolean
  /** Events per second above capacity, and those of them that are low. */
  readonly excessPerSecond: number
  readonly lowPerSecond: number
}

/** A breach that shows for fewer ticks is noise. */
const LEAST_TICKS = 3

/** The highest share of low events that a mere prediction may cost. */
const MOST_SHED = 0.5

/** Returns what to do about a predicted breach. Normal and critical events are never touched. */
export function decideAct (prospect: Prospect): Decision {
  const { breachSeconds, excessPerSecond, lowPerSecond } = prospect
  if (!prospect.isTrusted) return { act: 'none', why: 'skill-unproven' }
  if (breachSeconds === undefined) return { act: 'none', why: 'no-breach' }
  if (prospect.breachTicks < LEAST_TICKS) return { act: 'none', why: 'breach-too-brief' }
  if (!prospect.areWorkersAsked) return { act: 'ask-for-workers', why: 'breach-ahead' }
  if (prospect.canSampleHarder) return { act: 'sample-low-harder', why: 'breach-despite-workers' }
  if (breachSeconds >= prospect.workersInSeconds) return { act: 'none', why: 'workers-in-time' }
  if (lowPerSecond <= 0 || excessPerSecond <= 0) return { act: 'none', why: 'nothing-to-shed' }
  return { act: 'pre-shed-low', why: 'breach-before-workers', share: Math.min(MOST_SHED, excessPerSecond / lowPerSecond) }
}
