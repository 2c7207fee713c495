/** A mean over seeds with the bounds of its 95 % confidence interval. */
export interface Interval {
  readonly mean: number
  readonly low: number
  readonly high: number
}

/** Quantile 0.975 of Student's t by degrees of freedom from 1; further ones are close to the normal 1.96. */
const STUDENT = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131,
  2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042
]
const NORMAL = 1.96

export function meanOfNumbers (values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

/** One value has no interval: its bounds are the value. */
export function intervalOf (values: readonly number[]): Interval {
  const count = values.length
  const mean = meanOfNumbers(values)
  if (count < 2) return { mean, low: mean, high: mean }
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (count - 1)
  const half = (STUDENT[count - 2] ?? NORMAL) * Math.sqrt(variance / count)
  return { mean, low: mean - half, high: mean + half }
}

/** The mean of objects of the same shape, member by member; a member that is null in some is the mean of the others. */
export function meanOf<T extends object> (objects: readonly T[]): T {
  const [first] = objects as readonly [T, ...T[]]
  return Object.fromEntries(Object.keys(first).map((name) => {
    const values = objects.map((object) => (object as Record<string, unknown>)[name]).filter((value) => value !== null)
    if (values.length === 0) return [name, null]
    const isNumeric = values.every((value) => typeof value === 'number')
    return [name, isNumeric ? meanOfNumbers(values as number[]) : meanOf(values as object[])]
  })) as T
}
