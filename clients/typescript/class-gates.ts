import type { Answer } from './answer.ts'
import { CLASSES } from './event.ts'
import { backoffMs, waitMs } from './retry-delay.ts'

/** Records when each class may be sent again. */
export class ClassGates {
  readonly #opensAt: number[] = CLASSES.map(() => -Infinity)
  #failuresInRow = 0

  /** Milliseconds of the clock; in the past if the gate is open. */
  opensAt (place: number): number {
    return this.#opensAt[place] as number
  }

  /**
   * Records an answer. A service that refuses normal events refuses low ones too, so a class is held back together with
   * all less important ones. If the service does not answer, or fails, all classes are held back.
   *
   * @param place of the class of the request
   * @param random uniform in [0, 1)
   */
  record ({ hold, holdSeconds }: Answer, place: number, now: number, random: number): void {
    this.#failuresInRow = hold === 'all' ? this.#failuresInRow + 1 : 0
    if (hold === 'none') return
    const opensAt = now +
      (holdSeconds === undefined ? backoffMs(this.#failuresInRow, random) : waitMs(holdSeconds, random))
    for (let held = hold === 'all' ? 0 : place; held < CLASSES.length; held++)
      this.#opensAt[held] = Math.max(this.opensAt(held), opensAt)
  }
}
