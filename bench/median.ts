import type { Sample } from './result.ts'

/** The middle of the values, or the mean of the two in the middle; NaN when there is none. */
export function median (values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2
}

/** The value that this share of all does not exceed, by nearest rank; NaN when there is none. */
export function quantile (values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? NaN
}

/** The medians of all metrics that the samples have, each on its own. */
export function medianSample (samples: readonly Sample[]): Sample {
  const metrics = new Set(samples.flatMap((sample) => Object.keys(sample)))
  return Object.fromEntries([...metrics].map((metric) => [metric, median(samples.flatMap((sample) => sample[metric] ?? []))]))
}
