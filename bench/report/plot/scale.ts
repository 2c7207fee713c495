import { linearTicks, logTicks } from './ticks.ts'

/** Share of a logarithmic axis for zero, which has no logarithm. */
const ZERO_SHARE = 0.12

/** One axis: its ticks, and the position of a value between its beginning (0) and its end (1). */
export interface Scale {
  readonly ticks: readonly number[]
  readonly place: (value: number) => number
  /** The position of the gap between zero and the beginning of the logarithmic part. */
  readonly breakAt?: number
}

/** Makes an axis with even steps; `values` may be empty. */
export function linearScale (values: readonly number[]): Scale {
  const ticks = linearTicks(Math.min(0, ...values), Math.max(0, ...values))
  const [first, last] = [ticks[0], ticks.at(-1)] as [number, number]
  return { ticks, place: (value) => inside((value - first) / (last - first)) }
}

/** Makes an axis with even factors and zero apart at its beginning. Values below zero make it linear. */
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
