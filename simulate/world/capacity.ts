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

  /** The index of the first change after a time. */
  #after (atMs: number): number {
    let low = 0
    let high = this.#changes.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#changes[middle]!.atMs <= atMs) low = middle + 1
      else high = middle
    }
    return low
  }
}

export interface CapacityOptions {
  /** The capacity is divided by this for the second third. */
  readonly change: number
  /** Stalls of the consumer. */
  readonly stalls: readonly { readonly atMs: number, readonly forMs: number }[]
  /** The speed over time that was measured in a recording. */
  readonly measured?: readonly SpeedChange[]
}

/** A schedule for a run of this duration. */
export function capacityOf ({ change, stalls, measured = [] }: CapacityOptions, durationMs: number): Capacity {
  const thirds = change === 1
    ? []
    : [{ atMs: durationMs / 3, speed: 1 / change }, { atMs: durationMs * 2 / 3, speed: 1 }]
  const plain = new Capacity(thirds)
  const real = new Capacity(measured)
  const isStalled = (at: number) => stalls.some(({ atMs, forMs }) => at >= atMs && at < atMs + forMs)
  const stallTimes = stalls.flatMap(({ atMs, forMs }) => [atMs, atMs + forMs])
  const times = [...[...thirds, ...measured].map(({ atMs }) => atMs), ...stallTimes]
  const speedAt = (atMs: number) => isStalled(atMs) ? 0 : plain.speedAt(atMs) * real.speedAt(atMs)
  return new Capacity(times.toSorted((a, b) => a - b).map((atMs) => ({ atMs, speed: speedAt(atMs) })))
}

/** The same for a run that begins later; stalls and what was measured stay at their times. */
export function laterBy (fromMs: number, { change, stalls, measured = [] }: CapacityOptions): CapacityOptions {
  const moved = <Timed extends { readonly atMs: number }>(timed: Timed) => ({ ...timed, atMs: timed.atMs - fromMs })
  return { change, stalls: stalls.map(moved), measured: measured.map(moved) }
}
