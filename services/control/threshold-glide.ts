/*
 * Leads the thresholds in force from those of the operator to adaptive ones, and back, whenever one takes over from the
 * other. A jump would refuse at once what was admitted in the moment before, or admit a flood:
 *
 *   operator ────┐                  each threshold by at most 20 % in a second, so the order among them stays
 *                 ╲___ adaptive     no hold counts as one at the critical threshold, which has the same effect
 */
import { ASCENDING_THRESHOLDS, outOfOrder, type Thresholds } from '../admission/thresholds.ts'
import { MOST_STEP } from './adaptive-thresholds.ts'

type Held = Required<Thresholds>

export class ThresholdGlide {
  #inForce: Thresholds | undefined
  #areOperators: boolean | undefined
  /** The thresholds on their way, not rounded; undefined unless they are on one. */
  #way: Held | undefined

  /** @param from another one whose state this one goes on from */
  constructor (from?: ThresholdGlide) {
    if (from === undefined) return
    this.#inForce = from.#inForce
    this.#areOperators = from.#areOperators
    this.#way = from.#way
  }

  /**
   * Returns the thresholds in force from now on.
   *
   * @param areOperators whether the target is what the operator has set
   * @param elapsedMs since the last call
   */
  next (target: Thresholds, areOperators: boolean, elapsedMs: number): Thresholds {
    const hasChanged = this.#areOperators !== undefined && this.#areOperators !== areOperators
    if (hasChanged && this.#inForce !== undefined) this.#way ??= held(this.#inForce)
    this.#areOperators = areOperators
    this.#way = this.#way && onTheWay(this.#way, held(target), elapsedMs)
    return this.#inForce = this.#way === undefined ? target : rounded(this.#way)
  }
}

function held (thresholds: Thresholds): Held {
  return { ...thresholds, hold: thresholds.hold ?? thresholds.critical }
}

/** Undefined once the target is reached, or if there is no way to it in which the thresholds stay in order. */
function onTheWay (from: Held, to: Held, elapsedMs: number): Held | undefined {
  const factor = 1 + MOST_STEP * Math.min(1, elapsedMs / 1_000)
  const step = (name: keyof Held) => Math.min(from[name] * factor, Math.max(from[name] / factor, to[name]))
  const next: Held = {
    recovery: step('recovery'), hold: step('hold'), warning: step('warning'), critical: step('critical'),
    hardLimit: to.hardLimit
  }
  const isThere = (Object.keys(next) as (keyof Held)[]).every((name) => next[name] === to[name])
  const shown = rounded(next)
  return isThere || outOfOrder(ASCENDING_THRESHOLDS.map((name) => shown[name])).length > 0 ? undefined : next
}

function rounded ({ recovery, hold, warning, critical, hardLimit }: Held): Held {
  return {
    recovery: Math.round(recovery), hold: Math.round(hold), warning: Math.round(warning),
    critical: Math.round(critical), hardLimit
  }
}
