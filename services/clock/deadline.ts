import { heartbeat, type Beating } from './heartbeat.ts'

/** A time-out in turned time: after a pause of this process, answers that arrived meanwhile are read first. */
export class Deadline implements Beating {
  readonly #ms: number
  readonly #onPassed: () => void
  #passesAt: number | undefined
  #isRunning = false

  /** Begins at once. */
  constructor (milliseconds: number, onPassed: () => void) {
    this.#ms = milliseconds
    this.#onPassed = onPassed
    this.restart()
  }

  /** Restarts, even after it has passed. */
  restart (): void {
    this.#passesAt = undefined
    if (this.#isRunning) return
    this.#isRunning = true
    heartbeat.join(this, true)
  }

  /** Ends it. Does nothing when it has passed or was ended already. */
  clear (): void {
    this.#isRunning = false
    heartbeat.leave(this)
  }

  beat (elapsedMs: number): void {
    this.#passesAt ??= elapsedMs + this.#ms
    if (elapsedMs < this.#passesAt) return
    const passesAt = this.#passesAt
    heartbeat.leave(this)
    setImmediate(() => {
      if (!this.#isRunning) return
      // The reading phase restarted it.
      if (this.#passesAt !== passesAt) {
        heartbeat.join(this, true)
        return
      }
      this.#isRunning = false
      this.#onPassed()
    })
  }
}
