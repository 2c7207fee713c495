/** A costly text, made at most once in `lifeMs`; all requests meanwhile get the same bytes. */
export class SharedText {
  readonly #make: () => Promise<string>
  readonly #lifeMs: number
  readonly #now: () => number
  #text: Promise<Buffer> | undefined
  #madeAt = -Infinity

  /** @param now milliseconds, of any clock that does not go back */
  constructor (make: () => Promise<string>, lifeMs: number, now: () => number) {
    this.#make = make
    this.#lifeMs = lifeMs
    this.#now = now
  }

  get (): Promise<Buffer> {
    if (this.#text === undefined || this.#now() - this.#madeAt >= this.#lifeMs) {
      this.#madeAt = this.#now()
      const text = this.#make().then((made) => Buffer.from(made))
      this.#text = text
      // A failure is not cached.
      text.catch(() => { if (this.#text === text) this.#text = undefined })
    }
    return this.#text
  }
}
