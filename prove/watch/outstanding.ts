const WINDOW_MS = 60_000
const BUCKET_MS = 1_000

/** The most events that can have been in the queue at once during the last minute, from what is known outside of it. */
export class Outstanding {
  readonly #peaks = new Map<number, number>()
  readonly #uncertain = new Map<number, number>()

  /** Records how many events are promised or on their way, and not yet at the consumer. */
  record (events: number, nowMs: number): void {
    const bucket = Math.floor(nowMs / BUCKET_MS)
    const all = events + this.#sum(this.#uncertain, nowMs)
    if (all > (this.#peaks.get(bucket) ?? -1)) this.#peaks.set(bucket, all)
    this.#forget(nowMs)
  }

  /** Records events of which nobody knows whether they were stored. */
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
