import type { Logger } from 'pino'
import { Deadline } from '../services/clock/deadline.ts'
import type { QueuedEvent } from '../services/event/event.ts'
import type { Outcome } from '../services/event/outcome.ts'
import { EventContext } from './event-context.ts'
import type { EventHandler } from './handler.ts'
import { cutShort, failure } from './handler-failure.ts'

/** Time that a handler has to answer after its signal was aborted. */
export const GRACE_MS = 250

export interface EventSlotOptions {
  name: string
  handler: EventHandler
  /** Time for each event. */
  timeoutMs: number
  log: Logger
}

/**
 * Runs events one after the other. One timer serves them all: a timer, a signal and a race for each would cost more
 * than half of what there is to do for an event.
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

  /** Never rejects: what a handler throws is an outcome too. */
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

  /** Aborts the event in work. It may still say what it got done; one that does not look at its signal is left behind. */
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
