import { GrowingCounts } from './growing.ts'

const MINUTE_MS = 60_000
/** The budget is for the 99th percentile. */
const MOST_LATE = 0.01

/** Minutes in which a class met its delay budget: work on 99 of 100 events admitted in the minute began in time. */
export class Minutes {
  readonly #offered = new GrowingCounts()
  readonly #admitted = new GrowingCounts()
  readonly #inTime = new GrowingCounts()

  offered (at: number): void { this.#offered.add(Math.floor(at / MINUTE_MS)) }

  admitted (at: number): void { this.#admitted.add(Math.floor(at / MINUTE_MS)) }

  inTime (admittedAt: number): void { this.#inTime.add(Math.floor(admittedAt / MINUTE_MS)) }

  /** Share of the minutes in which any was admitted. Offers of which none was admitted give 0, and no offers give 1. */
  get shareWithinBudget (): number {
    let within = 0
    let minutes = 0
    for (const [minute, admitted] of this.#admitted.values.entries()) {
      if (admitted === 0) continue
      minutes++
      if (this.#inTime.at(minute) >= admitted * (1 - MOST_LATE)) within++
    }
    return minutes > 0 ? within / minutes : this.#offered.values.length > 0 ? 0 : 1
  }
}
