const WINDOW_MS = 60_000
const BUCKET_MS = 1_000

/** Bounds the number of events in the queue during the last minute, from facts outside of Spillway. */
export class Outstanding {
  readonly #peaks = new Map<number, number>()
  readonly #uncertain = new Map<number, number>()

  /** Records how many events are promised or in flight, and not yet at the consumer. */
  record (events: number, nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS)
    const all = events + this.#sum(this.#uncertain, nowMs)
    if (all > (this.#peaks.get(bucket) ?? -1)) this.#peaks.set(bucket, all)
    this.#forget(nowMs)
  }

  /** Records events that may or may not be stored. */
  recordUncertain (events: number, nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS)
    this.#uncertain.set(bucket, (this.#uncertain.get(bucket) ?? 0) + events)
  }

  most (nowMs: number): number {
    this.#forget(nowMs)
    return Math.max(0, ...this.#peaks.values())
  }

  #sum (buckets: ReadonlyMap<number, number>, nowMs: number): number {
    return [...buckets].reduce(
      (sum, [bucket, events]) => (bucket * BUCKET_MS >= nowMs - WINDOW_MS ? sum + events : sum),
      0
    )
  }

  #forget (nowMs: number): void {
    for (const buckets of [this.#peaks, this.#uncertain]) {
      for (const bucket of buckets.keys()) if (bucket * BUCKET_MS < nowMs - WINDOW_MS) buckets.delete(bucket)
    }
  }
}
