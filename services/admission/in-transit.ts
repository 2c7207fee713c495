/*
 * Counts admitted events, and their bytes, that a reading of the queue cannot contain yet. There are two kinds of
 * readings:
 *
 *   its own        writes and readings share one connection, which keeps their order: the reading contains exactly the
 *                  writes that were sent before it
 *   of another     a write that adds a batch answers how many events of its priority the shard has ever taken, and the
 *   process        reading has that count, too: it contains the write if its count is as large
 *
 * A write without an answer stays in transit: it counts twice until the next reading at worst. A count may start again
 * below those of earlier writes, if Redis lost its data or a replica without the last writes took over. So a write that
 * ended before the earliest possible time of the reading counts as contained, whatever its count.
 */

/** How many events of a priority a shard had ever taken when a batch was in it. */
export interface AddMark {
  readonly shard: number
  readonly priority: number
  readonly total: number
}

/** The answer to a write: `nothing` was added, or it is `unknown` whether something was. */
export type AddAnswer = AddMark | 'nothing' | 'unknown'

/** Called when a write is sent; returns a function to call with the answer. A write may be sent more than once. */
export type OnSent = () => ((answer: AddAnswer) => void) | void

interface Write {
  readonly count: number
  readonly bytes: number
  readonly marks: AddMark[]
  unanswered: number
  isDoubtful: boolean
  isEnded: boolean
  /** The first time after its end at which a reading came. */
  endedBy: number | undefined
}

export class InTransit {
  /** Called when the answer to a write shows that the last reading contains it, with its events and bytes. */
  onContained: ((count: number, bytes: number) => void) | undefined
  #count = 0
  #bytes = 0
  /** Writes that were sent and that no reading contains. */
  readonly #sent = new Set<Write>()
  /** Whether the last reading contains a mark; undefined if it was an own one. */
  #contains: ((mark: AddMark) => boolean) | undefined

  /** Events that the last reading does not contain. */
  get count (): number { return this.#count }

  /** Their bytes. These are sums of fractions, so rounding may leave slightly less than zero. */
  get bytes (): number { return Math.max(0, this.#bytes) }

  recordAdmitted (count: number, bytes = 0): void {
    this.#count += count
    this.#bytes += bytes
  }

  /** Records that this many admitted events are contained in readings, or never will be. */
  recordOut (count: number, bytes = 0): void {
    this.#count -= count
    this.#bytes = this.#count === 0 ? 0 : this.#bytes - bytes
  }

  /** Runs a write of this many admitted events, and records when it is sent and answered. */
  async whileSending<Result> (
    count: number, bytes: number, write: (onSent: OnSent) => Promise<Result>
  ): Promise<Result> {
    let own: Write | undefined
    const onSent: OnSent = () => {
      if (own === undefined) {
        own = { count, bytes, marks: [], unanswered: 0, isDoubtful: false, isEnded: false, endedBy: undefined }
        this.#sent.add(own)
      }
      const sent = own
      sent.unanswered++
      return (answer) => this.#answered(sent, answer)
    }
    return await write(onSent).finally(() => {
      if (own === undefined) this.recordOut(count, bytes)
      else this.#ended(own)
    })
  }

  /** Call this when an own reading is requested. Returns a function to call when it is there. */
  beginReading (): () => void {
    const sent = [...this.#sent]
    return () => {
      this.#contains = undefined
      for (const write of sent) this.#remove(write)
    }
  }

  /**
   * Takes in a reading of another process.
   *
   * @param contains whether it contains the batch with this mark
   * @param now milliseconds of a clock that nobody sets
   * @param mostAgeMs the most time that can have passed since that reading
   */
  adoptReading (contains: (mark: AddMark) => boolean, now: number, mostAgeMs: number): void {
    this.#contains = contains
    for (const write of this.#sent) {
      if (this.#isContained(write) || (write.endedBy !== undefined && write.endedBy < now - mostAgeMs)) {
        this.#remove(write)
      } else if (write.isEnded) write.endedBy ??= now
    }
  }

  #answered (write: Write, answer: AddAnswer): void {
    write.unanswered--
    if (answer === 'unknown') write.isDoubtful = true
    else if (answer !== 'nothing') write.marks.push(answer)
    this.#settle(write)
  }

  #ended (write: Write): void {
    write.isEnded = true
    this.#settle(write)
  }

  /** Removes a write of which nothing is in the queue, or that the last reading contains. */
  #settle (write: Write): void {
    const { count, bytes, marks, unanswered, isDoubtful, isEnded } = write
    if (isEnded && unanswered === 0 && marks.length === 0 && !isDoubtful) this.#remove(write)
    else if (this.#isContained(write) && this.#remove(write)) this.onContained?.(count, bytes)
  }

  #isContained ({ marks, unanswered }: Write): boolean {
    const contains = this.#contains
    return contains !== undefined && unanswered === 0 && marks.length > 0 && marks.every((mark) => contains(mark))
  }

  #remove (write: Write): boolean {
    const isRemoved = this.#sent.delete(write)
    if (isRemoved) this.recordOut(write.count, write.bytes)
    return isRemoved
  }
}
