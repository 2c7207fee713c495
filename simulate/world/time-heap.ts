/** Numbers with a time each, the earliest first: a binary heap in typed arrays. */
export class TimeHeap {
  #times = new Float64Array(64)
  #values = new Int32Array(64)
  #size = 0

  get size (): number { return this.#size }

  /** The earliest time; infinite when there is none. */
  get earliest (): number { return this.#size === 0 ? Infinity : this.#times[0] as number }

  /** The number with the earliest time; there has to be one. */
  get first (): number { return this.#values[0] as number }

  push (time: number, value: number): void {
    if (this.#size === this.#times.length) this.#grow()
    const times = this.#times
    const values = this.#values
    let at = this.#size++
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if ((times[parent] as number) <= time) break
      times[at] = times[parent] as number
      values[at] = values[parent] as number
      at = parent
    }
    times[at] = time
    values[at] = value
  }

  /** Takes the number with the earliest time; there has to be one. */
  pop (): number {
    const times = this.#times
    const values = this.#values
    const first = values[0] as number
    const size = --this.#size
    const time = times[size] as number
    const value = values[size] as number
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= size) break
      if (child + 1 < size && (times[child + 1] as number) < (times[child] as number)) child++
      if ((times[child] as number) >= time) break
      times[at] = times[child] as number
      values[at] = values[child] as number
      at = child
    }
    times[at] = time
    values[at] = value
    return first
  }

  #grow (): void {
    const times = new Float64Array(2 * this.#size)
    times.set(this.#times)
    this.#times = times
    const values = new Int32Array(2 * this.#size)
    values.set(this.#values)
    this.#values = values
  }
}
