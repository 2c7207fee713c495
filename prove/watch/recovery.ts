const CRITICAL_PRIORITY = 1
const LOWEST_NORMAL_PRIORITY = 5

/**
 * Watches for the end of an outage. Spillway has recovered when, after the end of the fault, each API has acknowledged
 * a critical and a normal event, and an event acknowledged since then has reached the consumer: the whole path works
 * again.
 */
export class Recovery {
  readonly #endedAtMs: number
  readonly #apis: number
  readonly #awaited = new Set<number>()
  readonly #critical = new Set<string>()
  readonly #normal = new Set<string>()
  #hasArrival = false
  #recoveredAtMs: number | undefined

  /** @param apis the number of APIs that have to recover */
  constructor (endedAtMs: number, apis: number) {
    this.#endedAtMs = endedAtMs
    this.#apis = apis
  }

  /** Milliseconds from the end of the fault; undefined until it has recovered. */
  get tookMs (): number | undefined {
    return this.#recoveredAtMs === undefined ? undefined : this.#recoveredAtMs - this.#endedAtMs
  }

  /**
   * @param isHandled true if it reached the consumer before its answer was read
   * @param api the name of the API that answered
   */
  acknowledge (sequence: number, priority: number, isHandled: boolean, api: string, nowMs: number): void {
    if (priority <= CRITICAL_PRIORITY) this.#critical.add(api)
    else if (priority <= LOWEST_NORMAL_PRIORITY) this.#normal.add(api)
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
    if (this.#critical.size === this.#apis && this.#normal.size === this.#apis && this.#hasArrival)
      this.#recoveredAtMs ??= nowMs
  }
}
