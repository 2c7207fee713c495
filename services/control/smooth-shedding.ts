/*
 * Sheds a share of the load instead of all of a class at a depth: a loop turns the imbalance of the queue into the
 * ratio of events to refuse, and the levels of the last events turn the ratio into a cut.
 *
 *   error e = (in - out + (depth - target) / τ) / offered       ratio += Kp x Δe + Ki x e x Δt
 *
 *   levels   0 ····· low ····· 99 100 ···· normal ···· 199 200 ···· critical ···· 299
 *   refused  ▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▒  ratio of what is offered; a part of the level of the cut
 *
 * The loop is in velocity form: only the change of the ratio is computed, so nothing winds up while the ratio is at its
 * bound. Both shapes are those of Uber's Cinnamon and of failsafe-go.
 *
 * The error is a share of what is offered, and not of what is completed: a step of the ratio moves the inflow by that
 * share of the offer. So the loop is the same at every overload: damped by 0.7, with a pole of each tick at -Kp. As a
 * share of what is completed the pole is at -Kp x overload, which swings from an overload of 1 / Kp on.
 *
 * The integral part recovers half as fast as it sheds. The proportional part must not be limited on one side: noise
 * would push it to the other one.
 */
import type { PriorityClass } from '../admission/priority-class.ts'

const TIME_CONSTANT_S = 5
const PROPORTIONAL_GAIN = 0.5
const INTEGRAL_GAIN = 0.4

const MOST_RATIO = 0.95
const MOST_STEP = 0.1
const MOST_RECOVERY = 0.05

const COHORTS = 100
const CLASS_BASE: Readonly<Record<PriorityClass, number>> = { low: 0, normal: COHORTS, critical: 2 * COHORTS }
const LEVELS = 3 * COHORTS

/** Levels of offered events that the cut is made from. */
const REMEMBERED = 1_000

/** Cohorts for each halving of the share: a thousandth of the load is in the best one. */
const COHORTS_PER_HALVING = 10

/** The balance of the queue since the last tick, in events per second, and its depth. */
export interface Balance {
  readonly offeredRate: number
  readonly admittedRate: number
  readonly completedRate: number
  readonly depth: number
  readonly targetDepth: number
  readonly elapsedMs: number
}

/**
 * The level of an event, 0 first to be refused.
 *
 * @param usageShare share of the recent load that its organization offered, 0 to 1; heavier users are refused first
 */
export function levelOf (priorityClass: PriorityClass, usageShare: number): number {
  const halvings = usageShare > 0 ? -Math.log2(Math.min(1, usageShare)) : Infinity
  return CLASS_BASE[priorityClass] + Math.min(COHORTS - 1, Math.floor(COHORTS_PER_HALVING * halvings))
}

export class SmoothShedding {
  #ratio = 0
  #error: number | undefined
  /** A ring of the last levels, and how often each is in it. */
  readonly #ring = new Uint16Array(REMEMBERED)
  readonly #counts = new Uint16Array(LEVELS)
  #offered = 0
  /** Below this level all are refused; of the level itself a share, which `#owed` spreads evenly. */
  #cut = 0
  #cutShare = 0
  #owed = 0

  /** Share of the offered events to refuse. */
  get ratio (): number { return this.#ratio }

  /** Takes in the balance since the last tick, moves the ratio and makes the cut of it. */
  update ({ offeredRate, admittedRate, completedRate, depth, targetDepth, elapsedMs }: Balance): void {
    const excessRate = admittedRate - completedRate + (depth - targetDepth) / TIME_CONSTANT_S
    const error = excessRate / Math.max(1, offeredRate)
    const proportional = PROPORTIONAL_GAIN * (error - (this.#error ?? error))
    const integral = Math.max(-MOST_RECOVERY, INTEGRAL_GAIN * error * elapsedMs / 1_000)
    this.#error = error
    const step = Math.min(MOST_STEP, Math.max(-MOST_STEP, proportional + integral))
    this.#ratio = Math.min(MOST_RATIO, Math.max(0, this.#ratio + step))
    this.#makeCut()
  }

  /** Counts an offered event of this level and returns whether to refuse it. Critical events are never refused. */
  refuses (level: number): boolean {
    this.#remember(level)
    if (level >= CLASS_BASE.critical || level > this.#cut) return false
    if (level < this.#cut) return true
    this.#owed += this.#cutShare
    if (this.#owed < 1) return false
    this.#owed -= 1
    return true
  }

  #remember (level: number): void {
    const at = this.#offered % REMEMBERED
    if (this.#offered >= REMEMBERED) this.#counts[this.#ring[at]!]!--
    this.#ring[at] = level
    this.#counts[level]!++
    this.#offered++
  }

  /** The cut is the quantile of the offered levels at the ratio. */
  #makeCut (): void {
    let left = this.#ratio * Math.min(this.#offered, REMEMBERED)
    let level = 0
    while (left > 0 && level < LEVELS - 1 && left >= this.#counts[level]!) left -= this.#counts[level++]!
    this.#cut = level
    this.#cutShare = left > 0 ? left / this.#counts[level]! : 0
  }
}
