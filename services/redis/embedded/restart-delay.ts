const FIRST_DELAY_MS = 100
const LONGEST_DELAY_MS = 5_000

/** Milliseconds before the next try after so many failures in a row: none at first, then 100 ms, doubling up to 5 s. */
export function restartDelayMs (failures: number): number {
  return failures === 0 ? 0 : Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** (failures - 1))
}
