import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { KeyRecord } from '../../../../services/producer/key.ts'
import type { KnownKey } from '../../../../services/producer/known-keys.ts'
import type { KeyOutcome } from '../../../../services/producer/key-orders.ts'
import {
  MOST_BYTES, MOST_BYTES_OF_ORGANIZATION, MOST_KEYS, MOST_KEYS_OF_ORGANIZATION, type FullBound
} from '../../../../services/producer/key-room.ts'

const MEBIBYTE = 1_048_576

const FULL: Readonly<Record<FullBound, string>> = {
  keys: `Redis has ${MOST_KEYS} API keys, the most that it may have; revoke some`,
  bytes: `All API keys in Redis would have more than ${MOST_BYTES / MEBIBYTE} MiB; revoke some, or list fewer types`,
  'organization-keys':
    `The organization has ${MOST_KEYS_OF_ORGANIZATION} API keys, the most that its own operators may make; revoke some`,
  'organization-bytes':
    `The API keys of the organization would have more than ${MOST_BYTES_OF_ORGANIZATION / MEBIBYTE} MiB, the most that ` +
    'its own operators may make; revoke some, or list fewer types'
}

const LOCKED_OUT =
  'No API key in force has scope admin without an organization, and there is no ADMIN_TOKEN, so nobody can operate the ' +
  'service now. Set ADMIN_TOKEN, or API_KEYS_FILE to a file with such a key, and restart'

/** Returns the fields of a key for people: its record without digests and without a former secret that has ended. */
export function shownKey (
  { former, ...record }: KeyRecord, source: KnownKey['source'], nowMs: number, lastUsedMs?: number
): object {
  return {
    ...record,
    sha256: undefined,
    source,
    ...(former !== undefined && former.untilMs > nowMs && { formerUntil: new Date(former.untilMs).toISOString() }),
    ...(lastUsedMs !== undefined && { lastUsedAt: new Date(lastUsedMs).toISOString() })
  }
}

/** Answers an order for a key, and logs a change with the key of the operator. */
export async function answerOrder (
  { log, trustedClock }: FastifyInstance, { producer }: FastifyRequest, reply: FastifyReply, action: 'created' | 'rotated' | 'revoked',
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
        return reply.problem({ status: 409, slug: 'too-many-keys', reason: outcome.bound, detail: FULL[outcome.bound] })
      case 'in-grace': {
        const until = new Date(outcome.untilMs).toISOString()
        return reply.problem({
          status: 409,
          slug: 'former-secret-counts',
          detail: `The secret before the last rotation counts until ${until}; send graceSeconds to end it and rotate again`
        })
      }
      case 'contended':
        return reply.header('retry-after', '1').problem({
          status: 503, slug: 'key-contended', detail: 'Somebody changed the key at the same time; try again'
        })
      case 'done': {
        const { record, key, isOperated } = outcome
        const { id, name, organizationId } = record
        log.warn(
          { event: 'key-changed', action, id, name, organizationId, by: producer.name, issuer: producer.issuer },
          `an operator ${action} an API key`
        )
        if (!isOperated && action !== 'rotated') {
          log.warn({ event: 'no-operator-left', id, name }, LOCKED_OUT)
        }
        if (key === undefined) return reply.code(204).send(null)
        return reply.code(action === 'created' ? 201 : 200).send({
          ...shownKey(record, 'redis', trustedClock.now), key, ...(!isOperated && { warning: LOCKED_OUT })
        })
      }
    }
  })
}
