/** Time after which an old rate counts half as much as the present one. */
export const RATE_HALF_LIFE_MS = 10_000

/**
 * Exponentially weighted moving average for samples at irregular times: the weight of the past falls by half every
 * `halfLifeMs`, whatever the spacing. The first rate is not smoothed.
 *
 * @param previous events per second so far, undefined before the first
 * @param current events per second during the last `elapsedMs`
 */
export function smoothRate (
  previous: number | undefined,
  current: number,
  elapsedMs: number,
  halfLifeMs = RATE_HALF_LIFE_MS
): number {
  if (previous === undefined) return current
  const keep = 2 ** (-elapsedMs / halfLifeMs)
  return previous * keep + current * (1 - keep)
}

/** Rounds to a tenth: answers show no more digits, and more would make up most of their text. */
export function rounded (value: number): number {
  return Math.round(value * 10) / 10
}

/**
 * Rounds a rate for people: to an integer from ten on, to a tenth below. Figures shown beside it are computed from the
 * rounded rate.
 */
export function shownRate (rate: number): number {
  const tenths = rounded(rate)
  return Math.abs(tenths) < 10 ? tenths : Math.round(tenths)
}
