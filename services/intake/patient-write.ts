import type { OnSent } from '../admission/in-transit.ts'
import { Deadline } from '../clock/deadline.ts'
import { UnconfirmedError } from '../queue/unconfirmed-error.ts'
import type { Batch } from '../queue/batch.ts'

/** Stores a batch; calls `onSent` when it is sent to Redis. */
type Write<Result> = (batch: Batch, onSent: OnSent) => Promise<Result>

export interface PatienceOptions {
  /** How long a batch waits in total for the queue to return, in turned time. */
  patienceMs: number
  /** Recognizes the error of an unavailable queue, as opposed to a full queue or a wrong command. */
  isAbsence: (error: unknown) => boolean
  isQueueThere: () => boolean
  /** Resolves with the next signals of the queue. */
  nextSignals: () => Promise<void>
  /** Aborted to end all waiting. */
  stopped: AbortSignal
}

/**
 * Returns a write that tries a batch again, under the same id, after a short absence of the queue. If the first try
 * succeeded after all, the second has no effect.
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

  /** Resolves with false if the total wait, which begins with the first call, is too long. */
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
