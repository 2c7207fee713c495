import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { KeyRecord } from '../../../../services/producer/key.ts'
import type { KnownKey } from '../../../../services/producer/known-keys.ts'
import type { KeyOutcome } from '../../../../services/producer/key-orders.ts'

/** Returns the fields of a key for people: its record without digests. */
export function shownKey (
  { former, ...record }: KeyRecord, source: KnownKey['source'], lastUsedMs?: number
): object {
  return {
    ...record,
    sha256: undefined,
    source,
    ...(former !== undefined && { formerUntil: new Date(former.untilMs).toISOString() }),
    ...(lastUsedMs !== undefined && { lastUsedAt: new Date(lastUsedMs).toISOString() })
  }
}

/** Answers an order for a key, and logs a change with the key of the operator. */
export async function answerOrder (
  { log }: FastifyInstance, { producer }: FastifyRequest, reply: FastifyReply, action: 'created' | 'rotated' | 'revoked',
  order: () => Promise<KeyOutcome>
): Promise<FastifyReply> {
  return reply.fromQueue(async () => {
    const outcome = await order()
    switch (outcome.kind) {
      case 'unknown':
        return reply.problem({ status: 404, slug: 'not-found', detail: 'There is no such key' })
      case 'from-file':
        return reply.problem({
          status: 409, slug: 'key-from-file', detail: 'The key comes from API_KEYS_FILE; change the file'
        })
      case 'exceeding':
        return reply.problem({
          status: 403,
          slug: 'forbidden',
          reason: 'exceeds-own-rights',
          detail: 'The key of the order has fewer rights than the key that it asks for; `errors` names the fields',
          errors: outcome.errors
        })
      case 'full':
        return reply.problem({ status: 409, slug: 'too-many-keys', detail: 'There are too many keys; revoke some' })
      case 'contended':
        return reply.header('retry-after', '1').problem({
          status: 503, slug: 'key-contended', detail: 'Somebody changed the key at the same time; try again'
        })
      case 'done': {
        const { record, key } = outcome
        const { id, name, organizationId } = record
        log.warn(
          { event: 'key-changed', action, id, name, organizationId, by: producer.name, issuer: producer.issuer },
          `an operator ${action} an API key`
        )
        if (key === undefined) return reply.code(204).send(null)
        return reply.code(action === 'created' ? 201 : 200).send({ ...shownKey(record, 'redis'), key })
      }
    }
  })
}
