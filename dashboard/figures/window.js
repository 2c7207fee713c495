/** The selectable time windows, in seconds. */
export const WINDOWS = [{ seconds: 300, label: '5 min' }, { seconds: 900, label: '15 min' }, {
  seconds: 3_600,
  label: '1 h'
}]

/**
 * Returns the index of the second before a window, so that lines begin at the edge.
 *
 * @param {readonly number[]} time ascending, epoch seconds
 * @param {number} from
 */
export function firstIndex (time, from) {
  let low = 0
  let high = time.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (/** @type {number} */ (time[middle]) < from) low = middle + 1
    else high = middle
  }
  return Math.max(0, low - 1)
}

/**
 * Returns at most `count` indices spread evenly over `[first, last]`, including the last.
 *
 * @param {number} first
 * @param {number} last
 * @param {number} count
 */
export function spreadIndices (first, last, count) {
  const step = Math.max(1, Math.ceil((last - first + 1) / count))
  /** @type {number[]} */
  const indices = []
  for (let index = last; index >= first; index -= step) indices.push(index)
  return indices.toReversed()
}
