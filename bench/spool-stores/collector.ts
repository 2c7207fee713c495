/** Group commit: what comes while a commit is under way makes up the next one. */
export class Collector<Item> {
  readonly #commit: (items: readonly Item[]) => Promise<void>
  #waiting: { item: Item, done: PromiseWithResolvers<void> }[] = []
  #isBusy = false

  constructor (commit: (items: readonly Item[]) => Promise<void>) {
    this.#commit = commit
  }

  add (item: Item): Promise<void> {
    const done = Promise.withResolvers<void>()
    this.#waiting.push({ item, done })
    if (!this.#isBusy) {
      this.#isBusy = true
      setImmediate(() => this.#run())
    }
    return done.promise
  }

  async #run (): Promise<void> {
    const group = this.#waiting.splice(0)
    try {
      await this.#commit(group.map(({ item }) => item))
      for (const { done } of group) done.resolve()
    } catch (error) {
      for (const { done } of group) done.reject(error)
    }
    if (this.#waiting.length > 0) setImmediate(() => this.#run())
    else this.#isBusy = false
  }
}
