import type { Config } from '../services/config/schema.ts'
import type { NamedHandler } from './batch-runner.ts'

/** The name of the handler that prints events where no other one takes them. */
const SHOW = 'show'

/** Said once at the start, by what a worker to which nobody gave anything to do makes of events. */
export const WITHOUT_HANDLER = {
  wait: 'this worker has no handlers and takes no batch, so events wait: set DELIVERY_URL or RULES_FILE, or WITHOUT_HANDLER=show to see them printed',
  show: 'events are printed on standard output and nothing else takes them: set DELIVERY_URL or RULES_FILE',
  discard:
    'this worker has no handlers and finishes events without a word, as WITHOUT_HANDLER=discard says: set ' +
    'DELIVERY_URL or RULES_FILE if they are to go anywhere'
} as const

export interface HandlerChoice {
  readonly handlers: readonly NamedHandler[]
  /** The fate of events that no handler takes; undefined where one does. */
  readonly without: keyof typeof WITHOUT_HANDLER | undefined
}

/** The handlers that a worker runs. Events that any other one takes need not be printed. */
export function chooseHandlers (
  loaded: readonly NamedHandler[], { WITHOUT_HANDLER: mode }: Pick<Config, 'WITHOUT_HANDLER'>
): HandlerChoice {
  const handlers = loaded.filter(({ name }) => name !== SHOW)
  if (handlers.length > 0) return { handlers, without: undefined }
  if (loaded.length > 0) return { handlers: loaded, without: 'show' }
  return { handlers, without: mode === 'discard' ? 'discard' : 'wait' }
}
