/** The limit of an axis: the differences and products below stay finite up to here. */
const LARGEST = 1e15

/** Significant digits of ticks, so that 3 x 0.1 is 0.3. */
const TICK_DIGITS = 12

/** A span below this share of its values cannot be divided into distinct ticks. */
const FLAT_SHARE = 1e-9

const MOST_LOG_TICKS = 8
const LOG_MANTISSAS = [1, 2, 5]

/**
 * Returns ticks for an axis from `least` to `most`: steps of 1, 2 or 5 times a power of ten, the first tick at or below
 * the least value and the last at or above the most. There are always at least two.
 *
 * @param count the approximate number of intervals
 */
export function linearTicks (least: number, most: number, count = 5): number[] {
  const [from, to] = widened(bounded(least), bounded(most))
  const step = niceStep((to - from) / count)
  const first = Math.floor(from / step)
  const last = Math.ceil(to / step)
  return Array.from({ length: last - first + 1 }, (_, index) => clean((first + index) * step))
}

/**
 * Returns ticks for a logarithmic axis between two positive values: 1, 2, 5, 10 … if these are few, else powers of ten.
 */
export function logTicks (least: number, most: number): number[] {
  const [from, to] = [least, most].map((value) => Math.max(1 / LARGEST, bounded(value))) as [number, number]
  const firstDecade = Math.floor(Math.log10(from))
  const lastDecade = Math.max(firstDecade + 1, Math.ceil(Math.log10(to)))
  // One more decade on both sides, since the logarithm of a value just below a power of ten may round up.
  const marks = range(firstDecade - 1, lastDecade + 1).flatMap((decade) =>
    LOG_MANTISSAS.map((mantissa) => clean(mantissa * 10 ** decade))
  )
  const first = marks.findLastIndex((mark) => mark <= from)
  const last = Math.max(first + 1, marks.findIndex((mark) => mark >= to))
  if (last - first < MOST_LOG_TICKS) return marks.slice(first, last + 1)
  const stride = Math.ceil((lastDecade - firstDecade + 1) / MOST_LOG_TICKS)
  return range(0, Math.ceil((lastDecade - firstDecade) / stride)).map((index) =>
    clean(10 ** (firstDecade + index * stride))
  )
}

function niceStep (rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const mantissa = rough / power
  return power * (mantissa <= 1 ? 1 : mantissa <= 2 ? 2 : mantissa <= 5 ? 5 : 10)
}

function widened (least: number, most: number): [number, number] {
  const size = Math.max(Math.abs(least), Math.abs(most))
  if (most - least > Math.max(size * FLAT_SHARE, 1 / LARGEST)) return [least, most]
  const margin = size < 1 / LARGEST ? 1 : size
  return [Math.min(least, most) - (least < 0 ? margin : 0), Math.max(least, most) + (least < 0 ? 0 : margin)]
}

function bounded (value: number): number {
  return Math.min(LARGEST, Math.max(-LARGEST, value))
}

function clean (value: number): number {
  return Number(value.toPrecision(TICK_DIGITS))
}

function range (first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
