/** Runs tasks in parallel or alone. A task that runs alone waits for all others, and all others wait for it. */
export class Turns {
  #together = 0
  #wantingAlone = 0
  #isAlone = false
  #change = Promise.withResolvers<void>()

  async together<T> (work: () => Promise<T>): Promise<T> {
    while (this.#wantingAlone > 0) await this.#change.promise
    this.#together++
    try {
      return await work()
    } finally {
      this.#together--
      this.#tell()
    }
  }

  async alone<T> (work: () => Promise<T>): Promise<T> {
    this.#wantingAlone++
    while (this.#together > 0 || this.#isAlone) await this.#change.promise
    this.#isAlone = true
    try {
      return await work()
    } finally {
      this.#isAlone = false
      this.#wantingAlone--
      this.#tell()
    }
  }

  #tell (): void {
    this.#change.resolve()
    this.#change = Promise.withResolvers<void>()
  }
}
