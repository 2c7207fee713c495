/** @import { Column } from '../contract.d.ts' */

/**
 * Columns on top of each other: the first stays, each further one is the sum of itself and those below. Where one is not known, neither is the
 * height of those above it.
 *
 * @param {readonly Column[]} columns of equal length, the lowest first
 * @returns {Column[]}
 */
export function stack (columns) {
  /** @type {Column[]} */
  const stacked = []
  for (const column of columns) {
    const below = stacked.at(-1)
    stacked.push(column.map((value, index) => {
      if (below === undefined || value === null) return value
      const height = below[index] ?? null
      return height === null ? null : height + value
    }))
  }
  return stacked
}

/**
 * Adds columns up; null where all are.
 *
 * @param {readonly Column[]} columns
 * @param {number} length
 * @returns {Column}
 */
export function total (columns, length) {
  return Array.from({ length }, (_, index) => columns.reduce((sum, column) => {
    const value = column[index] ?? null
    return value === null ? sum : (sum ?? 0) + value
  }, /** @type {number | null} */ (null)))
}
