/*
 * Holds predicted waits against the truth: an event that has waited for twice as long as was predicted when it came is
 * proof that the prediction was wrong. The prediction of now would be the wrong one to compare with, since the backlog
 * behind the event is not the one that was before it:
 *
 *   backlog  ▁▄█▆▅▄▃▂▁     The oldest event waits for what was there when it came,
 *              └ age ┘     a new one for the little that is left.
 *
 * It finds only waits that are longer than predicted: an event that is still waiting may come to wait for as long.
 */
import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'
import type { ByClass } from './wait.ts'

/** Predictions are kept a second apart, for ten minutes. */
const SPACING_MS = 1_000
const MOST_PREDICTIONS = 600

const DISAGREEMENT = 2

/** Below this a factor of two is no matter. */
const LEAST_AGE_MS = 1_000

interface Prediction {
  readonly at: number
  readonly waitMs: Record<PriorityClass, number>
}

export class WaitCheck {
  #predictions: Prediction[] = []

  /**
   * Takes in the predictions of now and returns the classes whose oldest event disproves the one of its time.
   *
   * @param at milliseconds; a clock that goes back begins afresh
   * @param ageMs how long the oldest event of each class has waited; null if none waits
   */
  observe (at: number, waitMs: ByClass, ageMs: ByClass<number | null>): PriorityClass[] {
    if (at < (this.#predictions.at(-1)?.at ?? at)) this.#predictions = []
    const last = this.#predictions.at(-1)
    if (last === undefined || at - last.at >= SPACING_MS) this.#predictions.push({ at, waitMs: { ...waitMs } })
    else for (const name of PRIORITY_CLASSES) last.waitMs[name] = Math.max(last.waitMs[name], waitMs[name])
    if (this.#predictions.length > MOST_PREDICTIONS) this.#predictions.shift()
    return PRIORITY_CLASSES.filter((name) => {
      const age = ageMs[name] ?? 0
      const predicted = age >= LEAST_AGE_MS ? this.#predictedAt(at - age, name) : undefined
      return predicted !== undefined && age > DISAGREEMENT * predicted
    })
  }

  /** The longest wait that was predicted around a time; undefined if nothing is known of it. */
  #predictedAt (cameAt: number, name: PriorityClass): number | undefined {
    const around = this.#predictions.filter(({ at }) => Math.abs(at - cameAt) <= 2 * SPACING_MS)
    return around.length === 0 ? undefined : Math.max(...around.map(({ waitMs }) => waitMs[name]))
  }
}
