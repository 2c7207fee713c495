import { rounded } from '../admission/rate.ts'
import type { Capacity, Evidence } from './capacity.ts'
import { byClass, timeToEmptyMs, waitMs, type ByClass, type Flow } from './wait.ts'

/** The estimates behind the thresholds; null stands for what is unknown, and for a wait that does not end. */
export interface ControlState {
  /** Events per second. */
  readonly capacityPerSecond: number | null
  readonly evidence: Evidence
  readonly evidenceAgeMs: number | null
  /** The longer of the wait of a new event and that of the oldest one. */
  readonly waitMs: ByClass<number | null>
  readonly timeToEmptyMs: ByClass<number | null>
  /** Share of all that is offered that is shed smoothly, and of each class. */
  readonly shedShare: number
  readonly shedShareByClass: ByClass
  /** Share of each class that is kept as a sample. */
  readonly keptShareByClass: ByClass
}

/** The estimates as control has them. */
export interface Estimates {
  readonly estimate: Capacity['estimate']
  /** Undefined while the queue cannot be read, or before there is an estimate. */
  readonly flow: Flow | undefined
  /** The age of the oldest event of each class. */
  readonly oldestMs: ByClass<number | null>
  readonly shedShare: number
  readonly shedShares: ByClass
  readonly keptShares: ByClass
}

const NOBODY: ByClass<null> = Object.freeze({ critical: null, normal: null, low: null })

/** Returns the estimates as they are shown. */
export function controlState (
  { estimate: { perSecond, evidence, ageMs }, flow, oldestMs, shedShare, shedShares, keptShares }: Estimates
): ControlState {
  const waits = flow && waitMs(flow)
  return {
    capacityPerSecond: Number.isFinite(perSecond) ? rounded(perSecond!) : null,
    evidence,
    evidenceAgeMs: ageMs ?? null,
    waitMs: waits === undefined ? NOBODY : byClass((name) => shown(Math.max(waits[name], oldestMs[name] ?? 0))),
    timeToEmptyMs: flow === undefined ? NOBODY : mapped(timeToEmptyMs(flow), shown),
    shedShare: shownShare(shedShare),
    shedShareByClass: mapped(shedShares, shownShare),
    keptShareByClass: mapped(keptShares, shownShare)
  }
}

/** Maps the value of each class. */
export function mapped<From, To> (values: ByClass<From>, to: (value: From) => To): ByClass<To> {
  return byClass((name) => to(values[name]))
}

function shown (value: number): number | null {
  return Number.isFinite(value) ? Math.round(value) : null
}

/** To a thousandth: what is shown has no more digits. */
function shownShare (share: number): number {
  return Math.round(share * 1_000) / 1_000
}
