import { hash } from 'node:crypto'
import { Type } from '@sinclair/typebox'
import { HIGHEST_PRIORITY } from '../../admission/priority-class.ts'
import { PrioritySchema, type QueuedEvent } from '../../event/event.ts'
import { eventJson } from '../../event/event-json.ts'
import { idempotencyDigest } from '../../event/idempotency-key.ts'
import { EXPECTED_DATE_TIME, isDateTime } from '../../event/date-time.ts'
import { isIllFormed } from '../../event/well-formed.ts'
import type { Publication } from '../../intake/event-bus.ts'
import { defineAction, type Occasion } from '../action.ts'
import { DONE, type Outcome } from '../../event/outcome.ts'
import { compilePayloadTemplate } from '../payload-template.ts'
import { compileTemplate } from '../template.ts'

/** Most rules in a chain of emitted events: it ends loops of rules that feed each other. */
export const MAX_HOPS = 8

const MAX_ORGANIZATION_LENGTH = 256

/** Puts a new event into the queue, in the same way and with the same admission as a posted one. */
export default defineAction(
  Type.Object({
    type: Type.String({ minLength: 1, maxLength: 256 }),
    payload: Type.Unknown(),
    priority: Type.Optional(PrioritySchema),
    organizationId: Type.Optional(Type.Unknown()),
    expiresAt: Type.Optional(Type.Unknown())
  }, { additionalProperties: false }),
  (parameters, { path, report, services }) => {
    const { type, priority } = parameters
    const payloadOf = compilePayloadTemplate(parameters.payload, `${path}.payload`, report)
    const organizationOf = parameters.organizationId === undefined
      ? ({ organizationId }: Occasion['data']) => organizationId
      : compileTemplate(parameters.organizationId, `${path}.organizationId`, report)
    const expiresAtOf = compileTemplate(parameters.expiresAt, `${path}.expiresAt`, report)
    if (isWrongConstant(parameters.expiresAt)) report(`${path}.expiresAt`, EXPECTED_DATE_TIME)
    if (isIllFormed(type)) report(`${path}.type`, 'expected well-formed Unicode, without half of a character')
    if (!['string', 'object', 'undefined'].includes(typeof parameters.organizationId)) report(
        `${path}.organizationId`,
        'expected a text or an expression'
      )

    return async ({ event, data, ruleId, index }) => {
      const hops = (event.hops ?? 0) + 1
      if (hops > MAX_HOPS) return {
          status: 'dead',
          reason: `emit refused: ${hops} hops, at most ${MAX_HOPS}; do rules feed each other?`
        }
      const organizationId = organizationOf(data)
      if (organizationId !== undefined && !isOrganizationId(organizationId)) {
        return { status: 'retry', reason: 'emit failed: organizationId is not well-formed text of 1 to 256 characters' }
      }

      if (!isOwn(organizationId, event) && typeof parameters.organizationId !== 'string') {
        return { status: 'dead', reason: 'emit refused: the payload names another organization than the key of the event' }
      }
      // Null stands for a source event without a deadline.
      const expiresAt = expiresAtOf(data) ?? undefined
      if (expiresAt !== undefined && !(typeof expiresAt === 'string' && isDateTime(expiresAt))) {
        return { status: 'retry', reason: 'emit failed: expiresAt is not a time of RFC 3339' }
      }

    const { ceiling = HIGHEST_PRIORITY } = event
    const emitted: QueuedEvent = {
      id: emittedId(event, ruleId, index),
      type,
      ...payloadOf(data, event),
      // A rule must not raise what follows from an event above the ceiling of its key.
      priority: Math.max(ceiling, services.priorities.resolve({ header: undefined, own: priority, type })),
      ...(event.ceiling !== undefined && { ceiling }),
      ...(organizationId !== undefined && { organizationId }),
      ...(expiresAt !== undefined && { expiresAt }),
      occurredAt: event.occurredAt ?? event.receivedAt,
      receivedAt: services.now().toISOString(),
      hops,
      ...(event.sampleWeight !== undefined && { sampleWeight: event.sampleWeight }),
      ...(event.trace !== undefined && { trace: event.trace })
    }
    const key = idempotencyDigest({ organizationId: emitted.organizationId, ceiling, id: emitted.id })
    return outcomeOf(await services.publish(emitted, {
      bytes: Buffer.byteLength(eventJson(emitted)), key, isInternal: true
    }))
  }
})

function isOrganizationId (value: unknown): value is string {
  return typeof value === 'string' && value.length > 0 && value.length <= MAX_ORGANIZATION_LENGTH && !isIllFormed(value)
}

/** Tells whether what an event led to belongs to the organization of its key. Without a key events may name any. */
function isOwn (organizationId: string | undefined, event: QueuedEvent): boolean {
  return event.ceiling === undefined || organizationId === event.organizationId
}

/** An expression, whose value is checked when it runs, is an object. */
function isWrongConstant (value: unknown): boolean {
  return value !== undefined && typeof value !== 'object' && !(typeof value === 'string' && isDateTime(value))
}

/**
 * Returns the same id after a crash, so a repeated run emits no second event. It includes the organization and the
 * ceiling: events of different ones may have the same id.
 */
function emittedId ({ id, organizationId, ceiling }: QueuedEvent, ruleId: string, index: number): string {
  const source = [organizationId ?? null, id, ruleId, index, ...ceiling === undefined ? [] : [ceiling]]
  return hash('sha256', JSON.stringify(source), 'hex').slice(0, 32)
}

function outcomeOf (publication: Publication): Outcome {
  if (publication.status === 'accepted' || publication.status === 'duplicate' || publication.status === 'sampled') {
    return DONE
  }
  if (publication.status === 'in-flight')
    return {
      status: 'retry',
      reason: 'emit: the same event is being stored right now',
      delayMs: 1_000,
      countsAsAttempt: false
    }
  if (publication.status === 'conflict') {
    return { status: 'dead', reason: 'emit refused: its id is that of an event of another type or lower priority' }
  }
  const { reason, retryAfterSeconds } = publication.refusal
  if (retryAfterSeconds === undefined) return { status: 'dead', reason: `emit refused: ${reason}` }
  // A queue that sheds must not use up the attempts of the event that caused the emission.
  return {
    status: 'retry',
    reason: `emit refused: ${reason}`,
    delayMs: retryAfterSeconds * 1000,
    countsAsAttempt: false
  }
}
