import type { Config } from '../services/config/schema.ts'
import type { NamedHandler } from './batch-runner.ts'

/** The name of the handler that prints events if there is no other handler. */
const SHOW = 'show'

/** Messages at the start of a worker without handlers, by the value of WITHOUT_HANDLER. */
export const WITHOUT_HANDLER = {
  wait:
    'this worker has no handlers and takes no batch, so events wait: set DELIVERY_URL or RULES_FILE, or ' +
    'WITHOUT_HANDLER=show to print them',
  show: 'this worker only prints events on standard output: set DELIVERY_URL or RULES_FILE to process them',
  discard:
    'this worker has no handlers and discards events, as WITHOUT_HANDLER=discard says: set DELIVERY_URL or ' +
    'RULES_FILE to process them'
} as const

export interface HandlerChoice {
  readonly handlers: readonly NamedHandler[]
  /** The fate of events without a handler; undefined if there is a handler. */
  readonly without: keyof typeof WITHOUT_HANDLER | undefined
}

/** Returns the handlers that a worker runs. The printer is left out if there is another handler. */
export function chooseHandlers (
  loaded: readonly NamedHandler[], { WITHOUT_HANDLER: mode }: Pick<Config, 'WITHOUT_HANDLER'>
): HandlerChoice {
  const handlers = loaded.filter(({ name }) => name !== SHOW)
  if (handlers.length > 0) return { handlers, without: undefined }
  if (loaded.length > 0) return { handlers: loaded, without: 'show' }
  return { handlers, without: mode === 'discard' ? 'discard' : 'wait' }
}
