import type { Answer } from './answer.ts'
import { CLASSES } from './event.ts'
import { backoffMs, waitMs } from './retry-delay.ts'

/** Knows from when on each class may be sent again. */
export class ClassGates {
  readonly #opensAt: number[] = CLASSES.map(() => -Infinity)
  #failuresInRow = 0

  /** Milliseconds of the clock; in the past when it is open. */
  opensAt (place: number): number {
    return this.#opensAt[place] as number
  }

  /**
   * Takes note of an answer. Where normal events are refused low ones are too, so that a class is held with all that are less important;
   * a service that does not answer, or breaks, is left alone as a whole.
   *
   * @param place of the class that was sent
   * @param random uniform in [0, 1)
   */
  record ({ hold, holdSeconds }: Answer, place: number, now: number, random: number): void {
    this.#failuresInRow = hold === 'all' ? this.#failuresInRow + 1 : 0
    if (hold === 'none') return
    const opensAt = now + (holdSeconds === undefined ? backoffMs(this.#failuresInRow, random) : waitMs(holdSeconds, random))
    for (let held = hold === 'all' ? 0 : place; held < CLASSES.length; held++) this.#opensAt[held] = Math.max(this.opensAt(held), opensAt)
  }
}
