/** Counts the changes of the number of workers, and those that go the other way than the one before. */
export class ScaleSteps {
  #workers: number | undefined
  #direction = 0
  steps = 0
  reversals = 0

  observe (workers: number): void {
    const direction = Math.sign(workers - (this.#workers ?? workers))
    this.#workers = workers
    if (direction === 0) return
    this.steps++
    if (direction === -this.#direction) this.reversals++
    this.#direction = direction
  }
}
