/** How often requests that last are held against their keys. */
const CHECK_INTERVAL_MS = 1_000

interface LastingRequest {
  readonly isInForce: () => Promise<boolean>
  readonly end: () => void
}

/** Ends requests that last when their keys end: one timer for all of them, and none while there are none. */
export class KeyEnds {
  readonly #lasting = new Set<LastingRequest>()
  #timer: NodeJS.Timeout | undefined

  /** Ends a request once its key is no longer in force. Returns a function that lets it go, to be called once. */
  watch (isInForce: () => Promise<boolean>, end: () => void): () => void {
    const request = { isInForce, end }
    this.#lasting.add(request)
    this.#timer ??= setInterval(() => this.#check(), CHECK_INTERVAL_MS).unref()
    return () => {
      this.#lasting.delete(request)
      if (this.#lasting.size > 0) return
      clearInterval(this.#timer)
      this.#timer = undefined
    }
  }

  #check (): void {
    for (const request of this.#lasting) void endIfOver(request)
  }
}

async function endIfOver ({ isInForce, end }: LastingRequest): Promise<void> {
  if (!await isInForce()) end()
}
