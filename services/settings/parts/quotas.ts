import { Type, type Static } from '@sinclair/typebox'
import { illFormedError, isIllFormed } from '../../event/well-formed.ts'
import { modeSchema, type SettingsPart } from '../part.ts'

/** Organizations with values of their own. */
export const MOST_ORGANIZATIONS = 1_000

const MOST_EVENTS = 10_000_000
const MOST_BYTES = 100_000_000_000

/** The values that an organization has, or all that have none of their own. */
const QuotaSchema = Type.Object({
  eventsPerSecond: Type.Optional(Type.Number({
    minimum: 0.01, maximum: MOST_EVENTS, description: 'Events that it may post in a second, on all replicas together'
  })),
  burst: Type.Optional(Type.Number({
    minimum: 1,
    maximum: MOST_EVENTS,
    description: 'Events that it may post at once after a pause; those of one second by default'
  })),
  bytesPerSecond: Type.Optional(Type.Number({
    minimum: 1, maximum: MOST_BYTES, description: 'Bytes of events that it may post in a second'
  })),
  weight: Type.Optional(Type.Number({
    minimum: 0.01, maximum: 1_000, description: 'Its weight when organizations share a capacity; 1 by default'
  }))
}, { additionalProperties: false })

const QuotasSchema = Type.Object({
  mode: modeSchema('Refuse beyond a quota; decide, count and log but admit all; or admit all'),
  enforcement: Type.Union([Type.Literal('hard'), Type.Literal('soft')], {
    description: 'hard refuses beyond a quota at any load, soft only while the queue is above its warning threshold'
  }),
  whileAway: Type.Union([Type.Literal('strict'), Type.Literal('loose')], {
    description:
      'While Redis is away: strict gives each replica an equal part of a quota, loose gives each of them all of it'
  }),
  default: Type.Optional(QuotaSchema),
  organizations: Type.Record(Type.String({ pattern: '^[\\s\\S]{1,256}$' }), QuotaSchema)
}, { additionalProperties: false })

export type QuotasSettings = Static<typeof QuotasSchema>

const quotas: SettingsPart<typeof QuotasSchema> = {
  schema: QuotasSchema,
  defaults: () => ({ mode: 'true', enforcement: 'hard', whileAway: 'strict', organizations: {} }),
  conflicts: ({ organizations }) => {
    const names = Object.keys(organizations)
    const count = names.length
    // No event can have such an organization.
    const wrong = names.filter(isIllFormed).map((name) => illFormedError(`organizations.${name}`))
    if (wrong.length > 0) return wrong
    if (count <= MOST_ORGANIZATIONS) return []
    const message = `Expected at most ${MOST_ORGANIZATIONS} organizations with quotas of their own; the change leads to ${count}`
    return [{ field: 'organizations', message }]
  }
}

export default quotas
