import { Deadline } from '../clock/deadline.ts'

/** Bytes that several share. Waiting requests go on in the order in which they came, as bytes are given back. */
export class ByteBudget {
  readonly #most: number
  readonly #waiting = new Set<() => boolean>()
  #held = 0

  constructor (most: number) {
    this.#most = most
  }

  get held (): number { return this.#held }

  /** Takes bytes that are there already, whatever else is held. */
  add (bytes: number): void {
    this.#held += bytes
  }

  /** Takes bytes if there is room for them; a first taker gets any number. */
  take (bytes: number): boolean {
    if (this.#held > 0 && this.#held + bytes > this.#most) return false
    this.#held += bytes
    return true
  }

  /** Gives bytes back. */
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

  /** Takes bytes if there is room for them and nobody waits for it. */
  takeNow (bytes: number): boolean {
    return this.#waiting.size === 0 && this.take(bytes)
  }

  /** Takes bytes as soon as there is room for them; false when that took too long. */
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
