import type { Candidate } from '../candidate.ts'
import { restored } from '../saved-state.ts'

/** Weight of a new value: the line follows about the last 40 steps. */
const NEW = 0.05

/**
 * The line of least squares through all values, each weighted less the older it is. Brown's double smoothing: two
 * averages in series give its level and its slope, in two additions.
 */
export class Linear implements Candidate {
  readonly learned: { once: number, twice: number, steps: number }

  constructor (saved?: unknown) {
    this.learned = restored(saved, { once: 0, twice: 0, steps: 0 })
  }

  observe (value: number): void {
    const { learned } = this
    if (learned.steps++ === 0) {
      learned.once = value
      learned.twice = value
    }
    learned.once += NEW * (value - learned.once)
    learned.twice += NEW * (learned.once - learned.twice)
  }

  forecast (steps: number): number {
    const { once, twice } = this.learned
    return 2 * once - twice + steps * NEW / (1 - NEW) * (once - twice)
  }
}
