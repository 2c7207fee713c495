import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { IntakeContext } from '../../../services/intake/request-head.ts'
import type { Intake } from '../../../services/intake/event-intake.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import type { Publication } from '../../../services/intake/event-bus.ts'
import { JSON_TYPE } from './json-type.ts'

/** Seconds until the outcome of an event in flight is known. */
const IN_FLIGHT_RETRY_SECONDS = 1

/**
 * Accepts one event and answers in the callback of its batch: an asynchronous function per request would cost more than
 * everything else.
 */
export function answerEvent (
  request: FastifyRequest,
  reply: FastifyReply,
  takeIn: (context: IntakeContext) => Intake
): void {
  const headers = request.head.context(Date.now(), request.spanTrace)
  const taken = headers.ok ? takeIn(headers.context) : headers
  const { eventBus, syncedQueue } = request.server
  if (!headers.ok || !taken.ok) {
    eventBus.refuseInvalid(request.producer)
    reply.invalidEvent(taken.ok ? [] : taken.errors)
    return
  }
  const { event, key, text } = taken
  const { durability, producer } = headers.context
  const offering = { bytes: request.bodySize, producer, key, text, durability }
  const submit = () => eventBus.submit(event, offering, (publication) => answer(reply, event, publication))
  if (durability !== 'synced') submit()
  else void syncedQueue.isSupported().then((isSupported) => isSupported ? submit() : reply.syncUnsupported())
}

function answer (reply: FastifyReply, event: QueuedEvent, publication: Publication): FastifyReply {
  const { id, type, priority, organizationId } = event
  if (publication.status === 'accepted') {
    return reply.rateLimit(organizationId).code(202).type(JSON_TYPE)
      .send(`{"id":${JSON.stringify(id)},"type":${
        JSON.stringify(type)
      },"priority":${priority},"status":"accepted","durability":"${publication.durability}"}`)
  }
  if (publication.status === 'duplicate') return reply.rateLimit(organizationId).code(202).send({ type, priority, ...publication })
  if (publication.status === 'sampled') {
    // Every 202 has an id, and only those of stored events have receipts.
    const sampled = { id: id === '' ? randomUUID() : id, type, priority, ...publication }
    return reply.rateLimit(organizationId).code(202).send(sampled)
  }
  if (publication.status === 'conflict') return reply.identityConflict(publication.errors)
  // If the event may be stored, the producer can get its receipt by this id.
  if (publication.status === 'refused') {
    return reply.refuse(publication.refusal, priority, publication.refusal.mayBeStored === true ? { id } : undefined)
  }
  return reply.header('retry-after', String(IN_FLIGHT_RETRY_SECONDS)).problem({
    status: 409,
    slug: 'in-flight',
    reason: 'in-flight',
    detail: 'An earlier post of this event is not answered yet; try again',
    retryAfterSeconds: IN_FLIGHT_RETRY_SECONDS
  })
}
