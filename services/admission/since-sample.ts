/*
 * The events that this replica has admitted since the last sample, and those of all replicas that they stand for: the
 * others are a guess, in proportion to the share of this replica. So a guess never makes the queue count as full:
 * critical events are refused for known facts only.
 */

import { eventsForOne, type Share } from './admission-share.ts'

const WHOLE: Share = Object.freeze({ value: 1 })

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
    return withOthers(sampled, this.#count, this.#eventsForOne, hardLimit)
  }

  /** Adds the bytes of all replicas to sampled ones. */
  bytesWithOthers (sampled: number, hardLimit: number): number {
    return withOthers(sampled, this.#bytes, this.#eventsForOne, hardLimit)
  }

  get #eventsForOne (): number { return eventsForOne(this.#share, this.#count, this.#mostOthers) }
}

function withOthers (sampled: number, own: number, forOne: number, hardLimit: number): number {
  if (forOne === 1) return sampled + own
  return Math.max(sampled + own, Math.min(sampled + own * forOne, hardLimit - 1))
}
