const WINDOW_SECONDS = 10

/**
 * How long the service needs to recover from overload. Overload lasts while the work that arrived within ten seconds
 * is more than workers can do in them. It is over once a second passes in which nothing was shed and every class could
 * expect to be served within its budget; the time from the end of the overload until then is a recovery.
 */
export class Recovery {
  readonly #work = new Float64Array(WINDOW_SECONDS)
  #second = 0
  #sum = 0
  #isOverloaded = false
  #endedAt: number | undefined
  #total = 0
  #count = 0

  /** The mean; 0 without an overload. */
  get meanSeconds (): number { return this.#count === 0 ? 0 : this.#total / this.#count }

  /** Takes in one second. `work` and `capacity` are in events of mean service time. */
  second (work: number, capacity: number, isCalm: boolean): void {
    const place = this.#second % WINDOW_SECONDS
    this.#sum += work - (this.#work[place] as number)
    this.#work[place] = work
    this.#second++
    if (this.#sum > capacity * WINDOW_SECONDS) {
      this.#isOverloaded = true
      this.#endedAt = undefined
      return
    }
    if (!this.#isOverloaded) return
    this.#endedAt ??= this.#second
    if (!isCalm) return
    this.#total += this.#second - this.#endedAt
    this.#count++
    this.#isOverloaded = false
  }
}
