const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 5_000
/** Something that ran this long was healthy: its restart is immediate again. */
const SOUND_AFTER_MS = 10_000

/** Paces restarts: the first is immediate, then they wait 100 ms, doubling up to 5 s. */
export class RestartPace {
  #failures = 0

  /** Returns the milliseconds to wait. @param livedMs how long the last run was */
  delayAfter (livedMs: number): number {
    if (livedMs > SOUND_AFTER_MS) this.#failures = 0
    const failures = this.#failures++
    return failures === 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1))
  }
}
