import { Deadline } from '../clock/deadline.ts'
import { UnconfirmedError } from '../queue/unconfirmed-error.ts'
import type { Batch } from '../queue/batch.ts'

/** Stores a batch; calls `onSent` when it goes out to Redis. */
type Write<Result> = (batch: Batch, onSent: () => void) => Promise<Result>

export interface PatienceOptions {
  /** How long a batch waits in all for the queue to come back; counted in time in which this process turned. */
  patienceMs: number
  /** Tells an error of a queue that is away, as opposed to one that has no room or does not understand. */
  isAbsence: (error: unknown) => boolean
  isQueueThere: () => boolean
  /** Resolves when something new is known of the queue. */
  nextSignals: () => Promise<void>
  /** Aborted when nobody is to wait any more. */
  stopped: AbortSignal
}

/**
 * A write that offers a batch again, under its id, after a short absence of the queue. A first try that did land is not
 * repeated by that.
 */
export function patientWrite<Result> (write: Write<Result>, options: PatienceOptions): Write<Result> {
  return async (batch, onSent) => {
    const patience = new Patience(options)
    let mayBeStored = false
    try {
      for (;;) {
        try {
          return await write(batch, onSent)
        } catch (error) {
          mayBeStored ||= error instanceof UnconfirmedError
          if (!options.isAbsence(error) || !await patience.untilQueueIsBack()) {
            throw mayBeStored && !(error instanceof UnconfirmedError) ? new UnconfirmedError(error) : error
          }
        }
      }
    } finally {
      patience.end()
    }
  }
}

class Patience {
  readonly #options: PatienceOptions
  readonly #over = Promise.withResolvers<void>()
  #deadline: Deadline | undefined
  #isOver = false

  constructor (options: PatienceOptions) {
    this.#options = options
    this.#isOver = options.patienceMs === 0
  }

  /** False when it took too long. It begins with the first wait. */
  async untilQueueIsBack (): Promise<boolean> {
    const { patienceMs, isQueueThere, nextSignals, stopped } = this.#options
    if (this.#isOver) return false
    this.#deadline ??= new Deadline(patienceMs, () => {
      this.#isOver = true
      this.#over.resolve()
    })
    // The present signals may be older than the failure.
    do await Promise.race([nextSignals(), this.#over.promise])
    while (!isQueueThere() && !this.#isOver && !stopped.aborted)
    return isQueueThere() && !this.#isOver
  }

  end (): void {
    this.#deadline?.clear()
  }
}
