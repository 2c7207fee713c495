import { DONE } from '../../services/event/outcome.ts'
import { EventPrinter } from '../event-printer.ts'
import type { HandlerModule } from '../handler.ts'

/** Prints every event on standard output if WITHOUT_HANDLER says so and there is no other handler. */
const show: HandlerModule = {
  order: 30,
  create ({ config, worker, onClose }) {
    const { WITHOUT_HANDLER: mode, DELIVERY_URL: url, RULES_FILE: rules } = config
    if (mode !== 'show' || url !== undefined || rules !== undefined) return undefined
    const printer = new EventPrinter({ write: (text) => process.stdout.write(text), now: () => performance.now() })
    let isUnread = false
    // A reader that closes the pipe, as `head` does, must not end the process. Events then wait, since nobody sees
    // them.
    const stop = () => {
      isUnread = true
      worker.hold('no-handlers')
    }
    process.stdout.on('error', stop)
    onClose(() => { process.stdout.off('error', stop) })
    return {
      kind: 'event',
      handle: async (event) => {
        if (isUnread)
          return {
            status: 'retry',
            reason: 'the reader of standard output has gone',
            delayMs: 0,
            countsAsAttempt: false
          }
        printer.print(event)
        return DONE
      }
    }
  }
}

export default show
