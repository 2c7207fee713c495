const CRITICAL_PRIORITY = 1
const LOWEST_NORMAL_PRIORITY = 5

/**
 * Watches for the end of an outage. Spillway has recovered when, after the fault has ended, a critical and a normal event
 * were acknowledged and an event acknowledged since has reached the consumer: all of the way works again.
 */
export class Recovery {
  readonly #endedAtMs: number
  readonly #awaited = new Set<number>()
  #hasCritical = false
  #hasNormal = false
  #hasArrival = false
  #recoveredAtMs: number | undefined

  constructor (endedAtMs: number) {
    this.#endedAtMs = endedAtMs
  }

  /** Milliseconds from the end of the fault; undefined until it has recovered. */
  get tookMs (): number | undefined {
    return this.#recoveredAtMs === undefined ? undefined : this.#recoveredAtMs - this.#endedAtMs
  }

  /** @param isHandled true when it came to the consumer before its answer was read */
  acknowledge (sequence: number, priority: number, isHandled: boolean, nowMs: number): void {
    if (priority <= CRITICAL_PRIORITY) this.#hasCritical = true
    else if (priority <= LOWEST_NORMAL_PRIORITY) this.#hasNormal = true
    if (isHandled) this.#hasArrival = true
    else if (!this.#hasArrival) this.#awaited.add(sequence)
    this.#judge(nowMs)
  }

  handle (sequence: number, nowMs: number): void {
    if (!this.#awaited.has(sequence)) return
    this.#hasArrival = true
    this.#awaited.clear()
    this.#judge(nowMs)
  }

  #judge (nowMs: number): void {
    if (this.#hasCritical && this.#hasNormal && this.#hasArrival) this.#recoveredAtMs ??= nowMs
  }
}
