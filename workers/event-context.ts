import type { Logger } from 'pino'
import type { TraceContext } from '../services/event/trace-context.ts'
import { traceIdField } from '../services/logging/trace-ids.ts'
import type { HandlerContext } from './handler.ts'

/** The context of a handler. Its signal is made on demand: most never look, and it costs a good part of a run. */
export class EventContext implements HandlerContext {
  #log: Logger
  #trace: TraceContext | undefined
  #controller: AbortController | undefined
  #reason: unknown

  /** @param trace that of the event: lines of its handler say it */
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

  /** Aborts the signal, whether it is there yet or not. */
  cut (reason: unknown): void {
    this.#reason = reason
    this.#controller?.abort(reason)
  }
}
