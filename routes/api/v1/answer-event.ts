import type { FastifyReply, FastifyRequest } from 'fastify'
import { intakeContext, type IntakeContext } from '../../../services/event/intake-context.ts'
import type { Intake } from '../../../services/event/intake.ts'

/** Seconds after which it is known whether an event in flight was stored. */
const IN_FLIGHT_RETRY_SECONDS = 1

/**
 * Takes one event in, publishes it and answers: 400 with every field that is wrong, 202 once it is stored or when it was
 * before, 409 while it is being stored, 503 when it is shed.
 */
export async function answerEvent (request: FastifyRequest, reply: FastifyReply, takeIn: (context: IntakeContext) => Intake): Promise<FastifyReply> {
  const headers = intakeContext(request.headers, new Date())
  const taken = headers.ok ? takeIn(headers.context) : headers
  const { eventBus, syncedQueue } = request.server
  if (!headers.ok || !taken.ok) {
    eventBus.refuseInvalid()
    return reply.invalidEvent(taken.ok ? [] : taken.errors)
  }
  const { event, key } = taken
  const { durability } = headers.context
  if (durability === 'synced' && !await syncedQueue.isSupported()) return reply.syncUnsupported()
  const publication = await eventBus.publish(event, { bytes: request.bodySize, key, durability })
  const { type, priority } = event
  if (publication.status === 'accepted') return reply.code(202).send({ id: event.id, type, priority, ...publication })
  if (publication.status === 'duplicate') return reply.code(202).send({ type, priority, ...publication })
  if (publication.status === 'shed') return reply.shed(publication.refusal, priority)
  return reply.header('retry-after', String(IN_FLIGHT_RETRY_SECONDS)).problem({
    status: 409, slug: 'in-flight', detail: 'The same event is being stored right now', retryAfterSeconds: IN_FLIGHT_RETRY_SECONDS
  })
}
