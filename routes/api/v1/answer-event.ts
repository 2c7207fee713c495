import type { FastifyReply, FastifyRequest } from 'fastify'
import { intakeContext } from '../../../services/event/intake-context.ts'
import type { Intake, IntakeContext } from '../../../services/event/intake.ts'

/** Takes one event in, publishes it and answers: 400 with every field that is wrong, 202 once it is stored, 503 when it is shed. */
export async function answerEvent (request: FastifyRequest, reply: FastifyReply, takeIn: (context: IntakeContext) => Intake): Promise<FastifyReply> {
  const headers = intakeContext(request.headers, new Date())
  const taken = headers.ok ? takeIn(headers.context) : headers
  if (!taken.ok) return reply.invalidEvent(taken.errors)
  const { id, type, priority } = taken.event
  const publication = await request.server.eventBus.publish(taken.event, request.bodySize)
  if (!publication.accepted) return reply.shed(publication.refusal, priority)
  return reply.code(202).send({ id, type, priority, status: 'accepted' })
}
