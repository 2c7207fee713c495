/*
 * Thresholds that follow what workers sustain. The thresholds of the operator are the bounds, and they stay in force
 * until there is evidence:
 *
 *   critical   depth at which a new event of normal priority waits for as long as its budget, see wait.ts; not below
 *              0.001 of the operator's critical threshold and not above 0.9 of the hard limit
 *   warning    0.5 of critical
 *   hold       0.4 of critical: from here normal events get in only as others are finished, and low from 0.8 of it
 *   recovery   0.3 of critical
 *
 * Without the hold an overload by normal events swings the circuit: an open one empties the queue, a half-open one fills
 * it, and the thresholds of a slow consumer are only seconds apart. With it the circuit is left for what the hold cannot
 * stop: a depth that rises by critical events. A capacity that falls leaves a queue that is too long for it. Nothing
 * would be gained if the circuit opened for that, since the hold refuses all that an open circuit does. So critical and
 * warning do not fall onto the depth: they stay above it, and come down with it.
 *
 * Events in the hands of workers are part of the depth and wait no more, so all four are above them: a hold below what
 * workers can have in hand would leave them idle, and a short budget would shed without an overload.
 *
 * A capacity that was only inferred lowers the critical threshold and does not raise it above the operator's: the
 * utilisation law takes workers for faster than they are when something else than slots is scarce.
 *
 * Nothing here feeds back on itself, since the waiting events are no part of the target. Noise of the estimate is
 * damped: they stop within 5 % of the target, and a step is at most 20 % in a second. The depth rides on the hold, so a
 * fall to no less than half is as slow as workers empty the queue: the depth follows, and noise does not open the
 * circuit.
 */
import { smoothRate } from '../admission/rate.ts'
import type { Thresholds } from '../admission/thresholds.ts'
import type { LearnedThresholds } from './learned.ts'

const WARNING_SHARE = 0.5
const RECOVERY_SHARE = 0.3
const HOLD_SHARE = 0.4

const LEAST_SHARE_OF_CRITICAL = 0.001
const MOST_SHARE_OF_HARD_LIMIT = 0.9
/** A target below this share of the threshold is a change of the capacity and no noise. */
const CHANGE_SHARE = 0.5

/** Below this the shares of it would round to the same depth. */
const LEAST_CRITICAL = 10

/** Critical and warning stay this far above the depth while they fall, so that critical events may come meanwhile. */
const CRITICAL_ROOM = 1.25
const WARNING_ROOM = 1.12

const DEADBAND = 0.05
/** In a second. */
export const MOST_STEP = 0.2

/** The depth that thresholds should follow. */
export interface Target {
  /** Waiting events with which the budget of normal ones is used up. */
  readonly depth: number
  /** Whether busy workers have shown the capacity behind it. */
  readonly isMeasured: boolean
  /** Events in the hands of workers. */
  readonly inWork: number
  /** The budget, in which workers empty a queue of that depth. */
  readonly budgetMs: number
}

export class AdaptiveThresholds {
  /** Critical as the capacity has it, without the events in work and the room above the depth. */
  #critical: number | undefined
  #inWork: number | undefined
  #highest = Infinity
  #inForce: Pick<Thresholds, 'warning' | 'critical'> | undefined

  /** @param from another one whose state this one goes on from */
  constructor (from?: AdaptiveThresholds) {
    if (from === undefined) return
    this.#critical = from.#critical
    this.#inWork = from.#inWork
    this.#highest = from.#highest
    this.#inForce = from.#inForce
  }

  /** The state that another process can go on from; undefined while there never was evidence. */
  get learned (): LearnedThresholds | undefined {
    if (this.#critical === undefined || this.#inForce === undefined) return undefined
    const { warning, critical } = this.#inForce
    return { sustained: this.#critical, inWork: this.#inWork ?? 0, warning, critical }
  }

  /** Goes on from what another process has learned; the bounds of the operator hold as ever. */
  join ({ sustained, inWork, warning, critical }: LearnedThresholds): void {
    this.#critical = sustained
    this.#inWork = inWork
    this.#inForce = { warning, critical }
  }

  /**
   * Returns the thresholds in force from now on.
   *
   * @param operator the thresholds that the operator has set
   * @param target undefined while nothing is to be learned: the thresholds are held
   * @param elapsedMs since the last call
   * @param depth of the queue in events
   */
  next (operator: Thresholds, target: Target | undefined, elapsedMs: number, depth: number): Thresholds {
    const { hardLimit } = operator
    const least = Math.max(LEAST_CRITICAL, operator.critical * LEAST_SHARE_OF_CRITICAL)
    const most = hardLimit * MOST_SHARE_OF_HARD_LIMIT
    if (least > most) return operator
    if (target !== undefined) {
      this.#highest = target.isMeasured ? most : clamp(operator.critical, least, most)
      this.#critical = damped(
        this.#critical ?? operator.critical, clamp(target.depth, least, this.#highest), elapsedMs, target.budgetMs
      )
      this.#inWork = smoothRate(this.#inWork, target.inWork, elapsedMs)
    }
    if (this.#critical === undefined) return operator
    const sustained = Math.round(clamp(this.#critical, least, most))
    const inWork = Math.floor(clamp(this.#inWork ?? 0, 0, Math.max(0, Math.min(this.#highest, most) - sustained)))
    const last = this.#inForce ?? operator
    const critical = Math.min(Math.floor(most), above(depth * CRITICAL_ROOM, inWork + sustained, last.critical))
    const warning = above(depth * WARNING_ROOM, inWork + Math.round(sustained * WARNING_SHARE), last.warning)
    const inForce: Thresholds = {
      recovery: inWork + Math.round(sustained * RECOVERY_SHARE),
      hold: inWork + Math.round(sustained * HOLD_SHARE),
      warning: Math.min(critical - 1, warning),
      critical,
      hardLimit
    }
    this.#inForce = inForce
    return inForce
  }
}

/** Lets a threshold fall, but not onto the depth. */
function above (depth: number, target: number, last: number): number {
  return Math.max(target, Math.min(last, Math.ceil(depth)))
}

function damped (from: number, to: number, elapsedMs: number, budgetMs: number): number {
  const nearEnough = clamp(from, to / (1 + DEADBAND), to * (1 + DEADBAND))
  const seconds = Math.min(1, elapsedMs / 1_000)
  const fall = to < from * CHANGE_SHARE ? MOST_STEP : Math.min(MOST_STEP, 1_000 / budgetMs)
  return clamp(nearEnough, from / (1 + fall * seconds), from * (1 + MOST_STEP * seconds))
}

function clamp (value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
