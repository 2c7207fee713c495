import type { Limit } from './consumer-limit.ts'
import type { RequiredRate } from './required-rate.ts'

/** The causes for which nothing is known. */
export type Ignorance = 'queue-unavailable' | 'too-early' | 'speed-unknown'

/** The causes for which the work stands still, whatever the number of workers. */
export type Standstill = 'paused' | 'held' | 'consumer-away'

/** The number of workers with the figures that explain it. */
export interface WorkersNeeded {
  /** Live workers, those that take no batch included. */
  readonly current: number
  readonly needed: number
  /** The number for the arrivals that a proven forecast predicts; without one for those of now. */
  readonly neededAtHorizon: number
  /** Workers that would be enough now, if nothing had to be shown for a while. */
  readonly enoughNow: number
  /** Those of the needed ones that stand in for live workers that take no batch. */
  readonly held: number
  readonly standstill: Standstill | undefined
  /** Events per second, smoothed. */
  readonly arrivalRate: number
  readonly waiting: number
  /** Undefined while unknown, in which case one worker is asked for. */
  readonly ratePerWorker: number | undefined
  readonly required: RequiredRate
  /** Arrivals have just jumped, or a forecast predicts that they rise, and either decides. */
  readonly isSurge: boolean
  readonly isAhead: boolean
  readonly limit: Limit | undefined
  readonly scaleInAfterMs: number
}

/** Arrivals that a forecast predicts, in events per second. */
export interface ArrivalsAhead {
  /** Those of a breach that is predicted; 0 for none. */
  readonly breach: number
  /** Those at the horizon, from a proven forecast; undefined without one. */
  readonly atHorizon: number | undefined
  /** Whether workers are asked for ahead of time. */
  readonly acts: boolean
}

export const NOTHING_AHEAD: ArrivalsAhead = Object.freeze({ breach: 0, atHorizon: undefined, acts: false })
