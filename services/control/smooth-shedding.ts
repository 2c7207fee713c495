/*
 * Sheds a share of the load instead of all of a class at a depth. A loop turns the imbalance of the queue into a
 * pressure, and the pressure into the share of each class to refuse: first low, then normal, never critical.
 *
 *   excess     x = in - out + (depth - target) / τ                     events per second
 *   pressure   p += Kp × Δx / offered + Ki × x / offered × Δt          offered: of the class that gives way at p
 *
 *   pressure   0 ────────── 1 ────────── 1.95
 *   low        0 ▁▂▃▄▅▆▇█   1 ██████████ 1                             share of the class that is refused
 *   normal     0            0 ▁▂▃▄▅▆▇█   0.95
 *
 * The loop is in velocity form: only the change of the pressure is computed, so nothing winds up while the pressure is
 * at its bound. Uber's Cinnamon and failsafe-go have loops of this shape.
 *
 * The excess is divided by what is offered of the class that gives way: a step of the pressure moves the inflow by that
 * share of that offer. So the loop is the same at every overload and for every mix of classes: damped by 0.7, with a
 * pole of each tick at -Kp while rates are those of a tick; means over some ticks damp it further. Divided by what is
 * completed, the pole would be at -Kp × overload, which swings from an overload of 1 / Kp on. A request that is refused
 * unread counts as one event, however many it holds: that happens to a class only once all of it is refused, and then
 * another one gives way.
 *
 * The integral part recovers half as fast as it sheds. The proportional part must not be limited on one side: noise
 * would push it to the other one.
 */
import type { ByClass } from './wait.ts'

const TIME_CONSTANT_S = 5
const PROPORTIONAL_GAIN = 0.5
const INTEGRAL_GAIN = 0.4

/** A class of which less is offered counts as this share of all: else noise would throw its share about. */
const LEAST_OFFERED_SHARE = 0.1

/** Some of the normal events are always admitted: the loop learns from them that the pressure is off. */
export const MOST_PRESSURE = 1.95
/** A second: 0.1 in a tick of 250 ms. Longer ticks count as one of a second. */
const MOST_STEP = 0.4
const MOST_RECOVERY = 0.2
const MOST_ELAPSED_S = 1

/** The balance of the queue since the last tick, in events per second, and its depth. */
export interface Balance {
  readonly offeredRate: Readonly<Record<'normal' | 'low', number>>
  readonly admittedRate: number
  readonly completedRate: number
  readonly depth: number
  readonly targetDepth: number
  readonly elapsedMs: number
}

export class SmoothShedding {
  #pressure = 0
  #excessRate: number | undefined

  /** @param from another one whose state this one goes on from, or no more than its pressure */
  constructor (from?: SmoothShedding | number) {
    if (typeof from === 'number') this.#pressure = clamp(from, 0, MOST_PRESSURE)
    if (!(from instanceof SmoothShedding)) return
    this.#pressure = from.#pressure
    this.#excessRate = from.#excessRate
  }

  /** From 0 to 1.95; the shares follow from it. */
  get pressure (): number { return this.#pressure }

  /** Shares of the classes to refuse. One of normal is refused only while all of low is. */
  get shares (): ByClass {
    return { critical: 0, normal: Math.max(0, this.#pressure - 1), low: Math.min(1, this.#pressure) }
  }

  /** Takes in the balance since the last tick and moves the shares. */
  update ({ offeredRate, admittedRate, completedRate, depth, targetDepth, elapsedMs }: Balance): void {
    const excessRate = admittedRate - completedRate + (depth - targetDepth) / TIME_CONSTANT_S
    const change = excessRate - (this.#excessRate ?? excessRate)
    this.#excessRate = excessRate
    const seconds = Math.min(MOST_ELAPSED_S, elapsedMs / 1_000)
    const isRising = PROPORTIONAL_GAIN * change + INTEGRAL_GAIN * excessRate * seconds > 0
    const least = Math.max(1, LEAST_OFFERED_SHARE * (offeredRate.normal + offeredRate.low))
    const offered = Math.max(least, offeredRate[this.#givingWay(isRising)])
    const integral = Math.max(-MOST_RECOVERY, INTEGRAL_GAIN * excessRate / offered) * seconds
    const step = PROPORTIONAL_GAIN * change / offered + integral
    this.#move(clamp(step, -MOST_STEP * seconds, MOST_STEP * seconds))
  }

  /** The class whose share the next step moves. */
  #givingWay (isRising: boolean): 'normal' | 'low' {
    return this.#pressure > 1 || (this.#pressure === 1 && isRising) ? 'normal' : 'low'
  }

  /** A step ends between the classes: it was made for what is offered of one of them. */
  #move (step: number): void {
    const from = this.#pressure
    const [least, most] = from < 1 ? [0, 1] : from > 1 ? [1, MOST_PRESSURE] : [0, MOST_PRESSURE]
    this.#pressure = clamp(from + step, least, most)
  }
}

function clamp (value: number, least: number, most: number): number {
  return Math.min(most, Math.max(least, value))
}
