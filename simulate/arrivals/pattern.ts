/** The default export of each file of patterns/: events per second over time, for a mean of 1. */
export interface Pattern {
  /** @param share of the duration, 0 to 1 */
  readonly rate: (share: number) => number
}

export const PATTERN_SHAPE = 'a Pattern: { rate }'

export function isPattern (candidate: unknown): candidate is Pattern {
  return typeof (candidate as Partial<Pattern> | undefined)?.rate === 'function'
}
