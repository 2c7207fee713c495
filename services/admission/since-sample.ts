/*
 * The events that this replica has admitted since the last sample, and those of all replicas that they stand for: the
 * others are a guess, in proportion to the share of this replica. So a guess never makes the queue count as full:
 * critical events are refused for known facts only.
 */

/** The share of a replica in what all replicas admit. */
export interface Share {
  readonly value: number
  /** Events per second that the others have reported; any number if absent. */
  readonly othersPerSecond?: number
}

const WHOLE: Share = Object.freeze({ value: 1 })

/** An event stands for this many at the most, unless the others are known to admit more. */
const MOST_TIMES = 16

export class SinceSample {
  readonly #share: Share
  #count = 0
  #bytes = 0
  /** Events that the others admit in the time between two samples, by their reports. */
  #mostOthers = Infinity

  constructor (share: Share = WHOLE) {
    this.#share = share
  }

  copy (): SinceSample {
    const copy = new SinceSample(this.#share)
    copy.#count = this.#count
    copy.#bytes = this.#bytes
    copy.#mostOthers = this.#mostOthers
    return copy
  }

  /** Events of this replica. */
  get count (): number { return this.#count }

  /** Their bytes. */
  get bytes (): number { return this.#bytes }

  record (count: number, bytes: number): void {
    this.#count += count
    this.#bytes += bytes
  }

  /**
   * Begins anew with a sample.
   *
   * @param after what the sample cannot contain yet
   * @param elapsedMs since the sample before
   */
  restart ({ count, bytes }: { readonly count: number, readonly bytes: number }, elapsedMs: number): void {
    this.#count = count
    this.#bytes = bytes
    this.#mostOthers = (this.#share.othersPerSecond ?? Infinity) * elapsedMs / 1_000
  }

  /** Adds the events of all replicas to a sampled depth. */
  depthWithOthers (sampled: number, hardLimit: number): number {
    return withOthers(sampled, this.#count, this.#times, hardLimit)
  }

  /** Adds the bytes of all replicas to sampled ones. */
  bytesWithOthers (sampled: number, hardLimit: number): number {
    return withOthers(sampled, this.#bytes, this.#times, hardLimit)
  }

  /**
   * How many events of all replicas an event of this one stands for. If there are a thousand replicas, each admits few
   * events between two samples, so a single array would stand for a flood. Beyond MOST_TIMES the others count for as
   * much as they have reported: the step that stores a batch holds a flood that is not in the reports yet.
   */
  get #times (): number {
    const { value } = this.#share
    return value >= 1 / MOST_TIMES || this.#count === 0
      ? 1 / value
      : Math.min(1 / value, Math.max(MOST_TIMES, 1 + this.#mostOthers / this.#count))
  }
}

function withOthers (sampled: number, own: number, times: number, hardLimit: number): number {
  if (times === 1) return sampled + own
  return Math.max(sampled + own, Math.min(sampled + own * times, hardLimit - 1))
}
