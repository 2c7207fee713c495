import { Deadline } from '../clock/deadline.ts'

/** A budget of bytes that several streams share. Waiting requests continue in order as bytes are returned. */
export class ByteBudget {
  readonly #most: number
  readonly #waiting = new Set<() => boolean>()
  #held = 0

  constructor (most: number) {
    this.#most = most
  }

  get held (): number { return this.#held }

  /** Takes bytes that are already in memory, even beyond the budget. */
  add (bytes: number): void {
    this.#held += bytes
  }

  /** Takes bytes if there is room for them; if nothing is held, any number fits. */
  take (bytes: number): boolean {
    if (this.#held > 0 && this.#held + bytes > this.#most) return false
    this.#held += bytes
    return true
  }

  /** Returns bytes. */
  give (bytes: number): void {
    this.#held -= bytes
    for (const goesOn of this.#waiting) {
      if (!goesOn()) return
      this.#waiting.delete(goesOn)
    }
  }

  /** Resolves when less than all is held. */
  room (): Promise<void> {
    if (this.#held < this.#most) return Promise.resolve()
    return new Promise((resolve) => {
      this.#waiting.add(() => {
        if (this.#held >= this.#most) return false
        resolve()
        return true
      })
    })
  }

  /** Takes bytes if there is room for them and no other request waits. */
  takeNow (bytes: number): boolean {
    return this.#waiting.size === 0 && this.take(bytes)
  }

  /** Takes bytes as soon as there is room for them; false if that takes too long. */
  takeWithin (bytes: number, patienceMs: number): Promise<boolean> {
    if (this.takeNow(bytes)) return Promise.resolve(true)
    return new Promise((resolve) => {
      const goesOn = () => {
        if (!this.take(bytes)) return false
        deadline.clear()
        resolve(true)
        return true
      }
      const deadline = new Deadline(patienceMs, () => {
        this.#waiting.delete(goesOn)
        resolve(false)
      })
      this.#waiting.add(goesOn)
    })
  }
}
