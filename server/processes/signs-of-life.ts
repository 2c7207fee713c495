/** How often each process is asked for a sign of life. */
export const QUESTION_MS = 5_000

/** No turn of an event loop takes as long as these questions. */
const MOST_UNANSWERED = 6

/** A process that listens, as the supervisor sees it. */
export interface Questioned {
  readonly name: string
  readonly ask: () => void
  readonly kill: () => void
}

/**
 * Ends processes that hang: the kernel gives them their part of the connections, and nobody answers those. It counts
 * questions and not time, so a machine that stood still as a whole ends none.
 */
export class SignsOfLife {
  readonly #unanswered = new Map<string, number>()
  readonly #onHanging: (name: string) => void

  /** @param onHanging called before a process is killed */
  constructor (onHanging: (name: string) => void) {
    this.#onHanging = onHanging
  }

  /** Asks each process, and kills those that have left too many questions without an answer. */
  ask (processes: readonly Questioned[]): void {
    for (const { name, ask, kill } of processes) {
      const unanswered = this.#unanswered.get(name) ?? 0
      if (unanswered === MOST_UNANSWERED) {
        this.#onHanging(name)
        kill()
      }
      this.#unanswered.set(name, unanswered + 1)
      ask()
    }
  }

  /** Takes in an answer, or a new process under this name. */
  receive (name: string): void {
    this.#unanswered.delete(name)
  }

  /** Whether a process has left a whole interval without an answer. */
  isSilent (name: string): boolean {
    return (this.#unanswered.get(name) ?? 0) > 1
  }
}
