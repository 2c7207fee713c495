import type { Logger } from 'pino'
import { Deadline } from '../services/clock/deadline.ts'
import type { QueuedEvent } from '../services/event/event.ts'
import type { Outcome } from '../services/event/outcome.ts'
import { EventContext } from './event-context.ts'
import type { EventHandler } from './handler.ts'
import { cutShort, failure } from './handler-failure.ts'

/** Time that a handler has to return after its signal was aborted. */
export const GRACE_MS = 250

export interface EventSlotOptions {
  name: string
  handler: EventHandler
  /** Time for each event. */
  timeoutMs: number
  log: Logger
}

/**
 * Runs events one after the other with one timer for all: a timer, a signal and a race for each event would be more
 * than half of its cost.
 */
export class EventSlot {
  readonly #options: EventSlotOptions
  readonly #deadline: Deadline
  #context: EventContext | undefined
  #grace: Deadline | undefined
  #leaveBehind: (outcome: Outcome) => void = () => {}

  constructor (options: EventSlotOptions) {
    this.#options = options
    const { timeoutMs } = options
    this.#deadline = new Deadline(timeoutMs, () =>
      this.cut(new DOMException(`timed out after ${timeoutMs} ms`, 'TimeoutError'))
    )
  }

  /** Never rejects: an error of a handler becomes an outcome. */
  async run (event: QueuedEvent): Promise<Outcome> {
    const { name, handler, log } = this.#options
    const context = this.#context = new EventContext(log, event.trace)
    this.#deadline.restart()
    try {
      return await new Promise((resolve, reject) => {
        this.#leaveBehind = resolve
        Promise.resolve(handler.handle(event, context)).then(resolve, reject)
      })
    } catch (error) {
      return context.isCut ? cutShort(name, context.signal) : failure(name, error)
    } finally {
      this.#context = undefined
      this.#grace?.clear()
    }
  }

  /** Aborts the running event. Its handler may still return an outcome; one that ignores its signal is abandoned. */
  cut (reason: unknown): void {
    const context = this.#context
    if (context === undefined || context.isCut) return
    context.cut(reason)
    this.#grace = new Deadline(GRACE_MS, () => this.#leaveBehind(cutShort(this.#options.name, context.signal)))
  }

  /** Ends the timer, once the last event is over. */
  close (): void {
    this.#deadline.clear()
  }
}
