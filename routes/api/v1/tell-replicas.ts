import type { FastifyInstance, FastifyReply } from 'fastify'
import { problemResponse } from '../../../services/problem/problem-schema.ts'

/** The answer to a command that Redis did not confirm, for the API description. */
export const untoldResponse =
  problemResponse('Redis is out of reach, so the other replicas may not have received the command; try again.')

/**
 * Tells all replicas through Redis, and answers once this one follows. If Redis does not confirm, a 503 names `what`.
 */
export async function tellReplicas (
  { backpressure }: FastifyInstance,
  reply: FastifyReply,
  what: string,
  tell: () => Promise<void>,
  answer: () => object
): Promise<FastifyReply> {
  const isTold = await tell().then(() => true, () => false)
  if (isTold) {
    // The next reading may have begun before the command; the one after it sees the command.
    await backpressure.nextSignals()
    await backpressure.nextSignals()
    if (backpressure.signals.isDepthKnown) return reply.send(answer())
  }
  return reply.problem({
    status: 503,
    slug: 'queue-unavailable',
    detail: `Redis did not confirm ${what}; it may still take effect. Try again when Redis is back`
  })
}
