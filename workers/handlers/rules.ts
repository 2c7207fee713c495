import type { QueuedEvent } from '../../services/event/event.ts'
import { outboundOf } from '../../services/delivery/outbound.ts'
import { HAND_OVER_MS, hasExpired } from '../../services/event/expiry.ts'
import { PriorityMap } from '../../services/event/priority-map.ts'
import { applyRules } from '../../services/rules/apply-rules.ts'
import { openRulesFile } from '../../services/rules/rules-file.ts'
import type { HandlerModule } from '../handler.ts'

/** Runs the rules of RULES_FILE on every event. */
const rules: HandlerModule = {
  order: 10,
  async create ({ config, eventBus, log, now, onClose }) {
    const { RULES_FILE: path, EVENT_PRIORITIES, DEFAULT_EVENT_PRIORITY } = config
    if (path === undefined) return undefined
    const file = await openRulesFile({
      path,
      log,
      services: {
        publish: (event, offering) => eventBus.publish(event, offering),
        priorities: new PriorityMap(EVENT_PRIORITIES, DEFAULT_EVENT_PRIORITY),
        now: () => new Date(),
        outbound: outboundOf(config)
      }
    })
    onClose(() => file.close())
    const late = (event: QueuedEvent) => hasExpired(event, now, HAND_OVER_MS)
    return {
      kind: 'event',
      handle: (event, { signal, log: own }) =>
        applyRules(file.rulesFor(event.type), event, { signal, log: own, hasExpired: late })
    }
  }
}

export default rules
