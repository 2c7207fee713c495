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
    return this.#changes.findLast((change) => change.atMs <= atMs)?.speed ?? 1
  }

  /** Time of the next change after a time; infinite after the last. */
  nextChange (afterMs: number): number {
    return this.#changes.find(({ atMs }) => atMs > afterMs)?.atMs ?? Infinity
  }
}

export interface CapacityOptions {
  /** The capacity is divided by this for the second third. */
  readonly change: number
  /** Stalls of the consumer. */
  readonly stalls: readonly { readonly atMs: number, readonly forMs: number }[]
}

/** A schedule for a run of this duration. */
export function capacityOf ({ change, stalls }: CapacityOptions, durationMs: number): Capacity {
  const thirds = change === 1
    ? []
    : [{ atMs: durationMs / 3, speed: 1 / change }, { atMs: durationMs * 2 / 3, speed: 1 }]
  const plain = new Capacity(thirds)
  const isStalled = (at: number) => stalls.some(({ atMs, forMs }) => at >= atMs && at < atMs + forMs)
  const times = [...thirds.map(({ atMs }) => atMs), ...stalls.flatMap(({ atMs, forMs }) => [atMs, atMs + forMs])]
  const speedAt = (atMs: number) => isStalled(atMs) ? 0 : plain.speedAt(atMs)
  return new Capacity(times.toSorted((a, b) => a - b).map((atMs) => ({ atMs, speed: speedAt(atMs) })))
}
