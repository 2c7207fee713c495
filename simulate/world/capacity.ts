import { isWithin, type Span } from './span.ts'

/** From a time on, workers run at this multiple of their speed; 0 while the consumer stalls. */
export interface SpeedChange {
  readonly atMs: number
  readonly speed: number
}

/** The speed of the workers over time. */
export class Capacity {
  readonly #changes: readonly SpeedChange[]

  /** @param changes in order of time, after speed 1 at the beginning */
  constructor (changes: readonly SpeedChange[]) {
    this.#changes = [{ atMs: 0, speed: 1 }, ...changes]
  }

  speedAt (atMs: number): number {
    return this.#changes[this.#after(atMs) - 1]?.speed ?? 1
  }

  /** Time of the next change after a time; infinite after the last. */
  nextChange (afterMs: number): number {
    return this.#changes[this.#after(afterMs)]?.atMs ?? Infinity
  }

  /** The place of the first change after a time: an oscillating consumer has thousands. */
  #after (atMs: number): number {
    let low = 0
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#changes[middle] as SpeedChange).atMs <= atMs) low = middle + 1
      else high = middle
    }
    return low
  }
}

export interface CapacityOptions {
  /** The capacity is divided by this for the second third. */
  readonly change: number
  /** Stalls of the consumer. */
  readonly stalls: readonly Span[]
  /** Period in which the consumer alternates between a high and a low speed, in the second third; 0 if it does not. */
  readonly oscillationMs: number
  /** The speed over time that was measured in a recording. */
  readonly measured?: readonly SpeedChange[]
}

/** The speeds of the halves of an oscillation; their mean is 1. */
const OSCILLATION = [1.6, 0.4] as const

/** A schedule for a run of this duration. */
export function capacityOf (
  { change, stalls, oscillationMs, measured = [] }: CapacityOptions, durationMs: number
): Capacity {
  const from = durationMs / 3
  const to = durationMs * 2 / 3
  const halfMs = oscillationMs / 2
  const halves = halfMs > 0 ? Math.ceil((to - from) / halfMs) : 0
  const swings = Array.from({ length: halves }, (_, half) => ({
    atMs: from + half * halfMs, speed: OSCILLATION[half % 2] as number / change
  }))
  const thirds = halves > 0 ? swings : [{ atMs: from, speed: 1 / change }]
  const changes = change === 1 && halves === 0 ? [] : [...thirds, { atMs: to, speed: 1 }]
  const plain = new Capacity(changes)
  const real = new Capacity(measured)
  const stallTimes = stalls.flatMap(({ atMs, forMs }) => [atMs, atMs + forMs])
  const times = [...[...changes, ...measured].map(({ atMs }) => atMs), ...stallTimes]
  const speedAt = (atMs: number) => isWithin(stalls, atMs) ? 0 : plain.speedAt(atMs) * real.speedAt(atMs)
  return new Capacity(times.toSorted((a, b) => a - b).map((atMs) => ({ atMs, speed: speedAt(atMs) })))
}

/** The same for a run that begins later; stalls and what was measured stay at their times. */
export function laterBy (fromMs: number, { stalls, measured = [], ...options }: CapacityOptions): CapacityOptions {
  return { ...options, stalls: stalls.map(movedBy(fromMs)), measured: measured.map(movedBy(fromMs)) }
}

/** Moves something to the time that it has in a run that begins later. */
export function movedBy (fromMs: number) {
  return <Timed extends { readonly atMs: number }>(timed: Timed): Timed => ({ ...timed, atMs: timed.atMs - fromMs })
}
