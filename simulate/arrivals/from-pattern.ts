import type { Arrivals } from './arrivals.ts'
import type { Pattern } from './pattern.ts'

const BIN_MS = 1_000

/**
 * The arrivals of a pattern.
 *
 * @param eventsPerSecond the mean
 */
export function fromPattern ({ rate }: Pattern, eventsPerSecond: number, seconds: number): Arrivals {
  const shape = Float64Array.from({ length: seconds }, (_, second) => rate((second + 0.5) / seconds))
  const mean = shape.reduce((sum, value) => sum + value, 0) / seconds
  return { binMs: BIN_MS, counts: shape.map((value) => value * eventsPerSecond / mean), isCounted: false }
}
