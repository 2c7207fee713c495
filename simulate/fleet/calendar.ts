/** Things to do at milliseconds of a virtual clock; those of one millisecond in the order in which they were added. */
export class Calendar {
  now = 0
  readonly #days: (undefined | (() => void)[])[] = []

  /** @param atMs rounded up to the next millisecond that has not begun */
  at (atMs: number, act: () => void): void {
    const day = Math.max(this.now + 1, Math.ceil(atMs))
    const known = this.#days[day]
    if (known === undefined) this.#days[day] = [act]
    else known.push(act)
  }

  after (ms: number, act: () => void): void {
    this.at(this.now + ms, act)
  }

  /** Does what is due at the next millisecond; returns whether there was anything. */
  step (): boolean {
    const due = this.#days[++this.now]
    if (due === undefined) return false
    this.#days[this.now] = undefined
    for (const act of due) act()
    return true
  }
}
