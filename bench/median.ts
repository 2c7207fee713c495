import type { Sample } from './result.ts'

/** Returns the middle of the values, or the mean of the two in the middle; NaN without values. */
export function median (values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2
}

/** Returns the value that this share of all does not exceed, by nearest rank; NaN without values. */
export function quantile (values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(share * values.length) - 1)] ?? NaN
}

/** Returns the median of each metric of the samples. */
export function medianSample (samples: readonly Sample[]): Sample {
  const metrics = new Set(samples.flatMap((sample) => Object.keys(sample)))
  return Object
    .fromEntries([...metrics].map((metric) => [metric, median(samples.flatMap((sample) => sample[metric] ?? []))]))
}
