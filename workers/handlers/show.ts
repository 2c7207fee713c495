import { DONE } from '../../services/event/outcome.ts'
import { EventPrinter } from '../event-printer.ts'
import type { HandlerModule } from '../handler.ts'

/** Prints every event on standard output where nothing else takes it and WITHOUT_HANDLER asks for it. */
const show: HandlerModule = {
  order: 30,
  create ({ config, worker, onClose }) {
    const { WITHOUT_HANDLER: mode, DELIVERY_URL: url, RULES_FILE: rules } = config
    if (mode !== 'show' || url !== undefined || rules !== undefined) return undefined
    const printer = new EventPrinter({ write: (text) => process.stdout.write(text), now: () => performance.now() })
    let isUnread = false
    // A reader that goes away, as `head` does, must not end the process: events wait from then on, since nobody would see them.
    const stop = () => {
      isUnread = true
      worker.hold('no-handlers')
    }
    process.stdout.on('error', stop)
    onClose(() => { process.stdout.off('error', stop) })
    return {
      kind: 'event',
      handle: async (event) => {
        if (isUnread) return { status: 'retry', reason: 'nobody reads the standard output any more', delayMs: 0, countsAsAttempt: false }
        printer.print(event)
        return DONE
      }
    }
  }
}

export default show
