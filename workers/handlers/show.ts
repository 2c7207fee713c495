import { DONE } from '../../services/event/outcome.ts'
import { EventPrinter } from '../event-printer.ts'
import type { HandlerModule } from '../handler.ts'

/** Prints every event on standard output where nothing else takes it and WITHOUT_HANDLER asks for it. */
const show: HandlerModule = {
  order: 30,
  create ({ config }) {
    const { WITHOUT_HANDLER: mode, DELIVERY_URL: url, RULES_FILE: rules } = config
    if (mode !== 'show' || url !== undefined || rules !== undefined) return undefined
    const printer = new EventPrinter({ write: (text) => process.stdout.write(text), now: () => performance.now() })
    return {
      kind: 'event',
      handle: async (event) => {
        printer.print(event)
        return DONE
      }
    }
  }
}

export default show
