/** @import { Column } from '../contract.d.ts' */

/**
 * Stacks columns: each becomes the sum of itself and those below. If one value is unknown, all above it are too.
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
 * Adds columns up; null if all are null.
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
