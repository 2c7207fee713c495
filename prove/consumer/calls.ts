/** A call with events that the consumer accepted. Times are milliseconds since the start. */
export interface Call {
  /** When the consumer accepted its events. */
  readonly handledAtMs: number
  /** When its answer was sent, or its connection was lost; Infinity until then. */
  endedAtMs: number
  /** The number of accepted events. */
  readonly events: number
}

/** Every call of a run, by number. */
export class Calls {
  readonly #calls: Call[] = []

  get all (): readonly Call[] { return this.#calls }

  /** Records a call and returns its number. */
  begin (events: number, nowMs: number): number {
    this.#calls.push({ handledAtMs: nowMs, endedAtMs: Infinity, events })
    return this.#calls.length - 1
  }

  end (number: number, nowMs: number): void {
    const call = this.#calls[number]
    if (call !== undefined) call.endedAtMs = Math.min(call.endedAtMs, nowMs)
  }
}
