/*
 * Least squares without negative coefficients: no work takes negative time, and a cost that is too small to measure
 * shall become 0. Coordinate descent on the normal equations (Franc, Hlavac, Navara: "Sequential Coordinate-Wise
 * Algorithm for the Non-negative Least Squares Problem", CAIP 2005): each step minimizes the error over one coefficient.
 */

/** Ends the descent: a cycle changed no coefficient by more than this part of the largest one. */
const TOLERANCE = 1e-12
const MOST_CYCLES = 200_000

/**
 * Returns the coefficients, 0 or more, with which the rows explain the targets best.
 *
 * @param rows the terms of each measurement
 * @param targets the measurements, in the same order
 */
export function leastSquares (rows: readonly (readonly number[])[], targets: readonly number[]): number[] {
  const terms = rows[0]?.length ?? 0
  // Columns of length 1, so that a term in thousands and one in parts of 1 weigh alike in the tolerance.
  const lengths = Array.from({ length: terms }, (_, term) => Math.hypot(...rows.map((row) => row[term] as number)) || 1)
  const scaled = rows.map((row) => row.map((value, term) => value / (lengths[term] as number)))
  const products = lengths.map((_, one) =>
    lengths.map((_length, other) => total(scaled, (row) => row[one]! * row[other]!)))
  const wanted = lengths.map((_, term) => total(scaled, (row, index) => row[term]! * targets[index]!))
  const found = lengths.map(() => 0)
  for (let cycle = 0; cycle < MOST_CYCLES; cycle++) {
    let change = 0
    for (const [term, product] of products.entries()) {
      const own = product[term] as number
      if (own === 0) continue
      const before = found[term] as number
      const slope = product.reduce((sum, value, other) => sum + value * found[other]!, 0) - wanted[term]!
      found[term] = Math.max(0, before - slope / own)
      change = Math.max(change, Math.abs(found[term] - before))
    }
    if (change <= TOLERANCE * Math.max(...found)) break
  }
  return found.map((value, term) => value / (lengths[term] as number))
}

function total<T> (items: readonly T[], value: (item: T, index: number) => number): number {
  return items.reduce((sum, item, index) => sum + value(item, index), 0)
}
