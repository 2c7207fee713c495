import { linearTicks, logTicks } from './ticks.ts'

/** Share of a logarithmic axis that is given to zero, which has no place on it. */
const ZERO_SHARE = 0.12

/** One axis: where its ticks are, and where a value is between its beginning (0) and its end (1). */
export interface Scale {
  readonly ticks: readonly number[]
  readonly place: (value: number) => number
  /** The place where the axis is interrupted: zero stands before it, the logarithm begins after it. */
  readonly breakAt?: number
}

/** An axis with even steps; `values` may be empty. */
export function linearScale (values: readonly number[]): Scale {
  const ticks = linearTicks(Math.min(0, ...values), Math.max(0, ...values))
  const [first, last] = [ticks[0], ticks.at(-1)] as [number, number]
  return { ticks, place: (value) => inside((value - first) / (last - first)) }
}

/** An axis with even factors. Zero stands apart at its beginning; values below zero have no place, so that they make it linear. */
export function logScale (values: readonly number[]): Scale {
  const positive = values.filter((value) => value > 0)
  if (positive.length === 0 || values.some((value) => value < 0)) return linearScale(values)
  const ticks = logTicks(Math.min(...positive), Math.max(...positive))
  const [first, last] = [ticks[0], ticks.at(-1)] as [number, number]
  const hasZero = values.includes(0)
  const begin = hasZero ? ZERO_SHARE : 0
  return {
    ticks: hasZero ? [0, ...ticks] : ticks,
    place: (value) => value <= 0 ? 0 : begin + (1 - begin) * inside(Math.log(value / first) / Math.log(last / first)),
    ...(hasZero && { breakAt: ZERO_SHARE / 2 })
  }
}

function inside (share: number): number {
  return Math.min(1, Math.max(0, share))
}
