import { Type } from '@sinclair/typebox'
import { defineAction } from '../action.ts'
import { DONE } from '../../event/outcome.ts'
import { oneOf } from '../../schema/one-of.ts'

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const

/** Writes a line to the log of the worker, with the event and its rule. */
export default defineAction(
  Type.Object({
    level: oneOf(LEVELS, { expected: `one of ${LEVELS.join(', ')}` }),
    message: Type.String({ minLength: 1 })
  }, { additionalProperties: false }),
  ({ level, message }) => async ({ event, ruleId, log }) => {
    const { id: eventId, type: eventType, organizationId } = event
    log[level]({ event: 'rule-log', ruleId, eventId, eventType, organizationId }, message)
    return DONE
  }
)
