import type { Logger } from 'pino'
import type { TraceContext } from '../services/event/trace-context.ts'
import { traceIdField } from '../services/logging/trace-ids.ts'
import type { HandlerContext } from './handler.ts'

/** The context of a handler. Its signal is made on demand: most handlers never use it, and it is costly. */
export class EventContext implements HandlerContext {
  #log: Logger
  #trace: TraceContext | undefined
  #controller: AbortController | undefined
  #reason: unknown

  /** @param trace of the event; log lines of the handler carry it */
  constructor (log: Logger, trace?: TraceContext) {
    this.#log = log
    this.#trace = trace
  }

  get log (): Logger {
    if (this.#trace !== undefined) {
      this.#log = this.#log.child(traceIdField(this.#trace))
      this.#trace = undefined
    }
    return this.#log
  }

  get signal (): AbortSignal {
    this.#controller ??= new AbortController()
    if (this.isCut) this.#controller.abort(this.#reason)
    return this.#controller.signal
  }

  get isCut (): boolean { return this.#reason !== undefined }

  /** Aborts the signal, even if it does not exist yet. */
  cut (reason: unknown): void {
    this.#reason = reason
    this.#controller?.abort(reason)
  }
}
