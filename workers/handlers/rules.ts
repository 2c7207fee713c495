import { PriorityMap } from '../../services/event/priority-map.ts'
import { applyRules } from '../../services/rules/apply-rules.ts'
import { openRulesFile } from '../../services/rules/rules-file.ts'
import type { HandlerModule } from '../handler.ts'

/** Runs the rules of RULES_FILE on every event. */
const rules: HandlerModule = {
  order: 10,
  async create ({ config, eventBus, log, onClose }) {
    const { RULES_FILE: path, EVENT_PRIORITIES, DEFAULT_EVENT_PRIORITY } = config
    if (path === undefined) return undefined
    const file = await openRulesFile({
      path,
      log,
      services: {
        publish: (event, offering) => eventBus.publish(event, offering),
        priorities: new PriorityMap(EVENT_PRIORITIES, DEFAULT_EVENT_PRIORITY),
        now: () => new Date()
      }
    })
    onClose(() => file.close())
    return { kind: 'event', handle: (event, context) => applyRules(file.rulesFor(event.type), event, context) }
  }
}

export default rules
