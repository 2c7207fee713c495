/** Time after which an old rate counts half as much as the present one. */
export const RATE_HALF_LIFE_MS = 10_000

/**
 * Exponentially weighted moving average for samples at irregular times: the weight of the past falls by half every
 * `halfLifeMs`, whatever the spacing. The first rate is taken as it is.
 *
 * @param previous events per second so far, undefined before the first
 * @param current events per second during the last `elapsedMs`
 */
export function smoothRate (previous: number | undefined, current: number, elapsedMs: number, halfLifeMs = RATE_HALF_LIFE_MS): number {
  if (previous === undefined) return current
  const keep = 2 ** (-elapsedMs / halfLifeMs)
  return previous * keep + current * (1 - keep)
}

/** To a tenth: what is shown has no more digits, and all of them would be most of the text. */
export function rounded (value: number): number {
  return Math.round(value * 10) / 10
}

/**
 * The rate as people see it: whole from ten on, to a tenth below. Figures that are computed beside it follow from this
 * one.
 */
export function shownRate (rate: number): number {
  const tenths = rounded(rate)
  return Math.abs(tenths) < 10 ? tenths : Math.round(tenths)
}
