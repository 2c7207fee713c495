import type { FastifyInstance, FastifyReply } from 'fastify'
import { entityTag } from '../../../../services/settings/entity-tag.ts'
import type { Problem } from '../../../../services/problem/problem.ts'
import type { SettingsChange } from '../../../../services/settings/record.ts'
import type { SettingsVersion } from '../../../../services/settings/settings-in-force.ts'
import type { OrderOutcome } from '../../../../services/settings/settings-orders.ts'

/** The reading after the next has normally seen a change; further ones allow for a failover of Redis. */
const MOST_READINGS = 10

const UNCONFIRMED: Problem = {
  status: 503,
  slug: 'queue-unavailable',
  detail:
    'Redis did not confirm the change of the settings; it may still take effect. Get the settings when Redis is ' +
    'back, and try again if it did not'
}

/** Changes the settings of all replicas, and answers with `body` once this one follows. */
export async function changeSettings (
  fastify: FastifyInstance, reply: FastifyReply, order: () => Promise<OrderOutcome>,
  body: (result: SettingsVersion) => object = answerOf
): Promise<FastifyReply> {
  const outcome = await order().catch(() => undefined)
  if (outcome === undefined) return reply.problem(UNCONFIRMED)
  switch (outcome.kind) {
    case 'invalid':
      return reply.invalidSettings(outcome.errors)
    case 'unknown-version':
      return reply.problem({
        status: 404,
        slug: 'unknown-version',
        detail: 'The history has no such version; GET /api/v1/settings/history lists the versions'
      })
    case 'outdated':
      return reply.header('etag', entityTag(outcome.version)).problem({
        status: 412,
        slug: 'settings-changed',
        detail:
          `The settings have version ${outcome.version}, which differs from If-Match; get the settings and try again`,
        version: outcome.version
      })
    case 'contended':
      return reply.header('retry-after', 1).problem({
        status: 503,
        slug: 'settings-contended',
        detail: 'Others changed the settings at the same time, and this change was not made; try again'
      })
    case 'changed':
      logChange(fastify, outcome.change)
  }
  const { result } = outcome
  if (!await isFollowed(fastify, result.version)) return reply.problem(UNCONFIRMED)
  return reply.header('etag', entityTag(result.version)).send(body(result))
}

/** The body of an answer that shows settings. */
export function answerOf ({ version, settings, overrides }: SettingsVersion): object {
  return { version, settings, overrides }
}

async function isFollowed ({ backpressure, settings }: FastifyInstance, version: number): Promise<boolean> {
  for (let readings = 0; settings.seenVersion < version && readings < MOST_READINGS; readings++) {
    await backpressure.nextSignals()
    if (!backpressure.signals.isDepthKnown) return false
  }
  return settings.seenVersion >= version
}

function logChange ({ log }: FastifyInstance, { version, at, by, changes, rollbackTo }: SettingsChange): void {
  const what = `an operator changed the settings to version ${version}`
  log.warn({ event: 'settings-changed', version, at, by, changes, rollbackTo }, what)
  for (const { from, to, isConfigured } of changes.filter(({ field }) => field === 'backpressure.mode')) {
    log.warn({ event: 'backpressure-mode', from, to, isConfigured }, 'an operator switched the mode of backpressure')
  }
}
