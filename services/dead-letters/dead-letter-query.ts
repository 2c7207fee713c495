import { Type, type Static } from '@sinclair/typebox'
import { oneOf } from '../schema/one-of.ts'
import { decoder, queryDecoder, wrong, type Decoded } from '../schema/decode.ts'
import { decodeCursor } from './cursor.ts'
import { DEAD_REASONS, type DeadLetterFilter } from './dead-letter.ts'
import type { ReplaySelection } from './replay.ts'

const DEFAULT_LISTED = 100
/** Most ids in one replay; a larger replay uses a filter. */
const MOST_IDS = 10_000

export const ReasonSchema = oneOf(DEAD_REASONS, {
  description: 'The attempts ran out, the consumer refused the event for good, or its batch stopped several workers'
})

const filters = {
  type: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  organizationId: Type.Optional(Type.String({ minLength: 1, maxLength: 256 })),
  reason: Type.Optional(ReasonSchema),
  from: Type.Optional(Type.String({ format: 'date-time', description: 'The earliest time of death, RFC 3339' })),
  to: Type.Optional(Type.String({ format: 'date-time', description: 'The latest time of death, RFC 3339' }))
}
const strict = { additionalProperties: false }

const FilterSchema = Type.Object(filters, { ...strict, description: 'Selects all dead letters if it is empty' })

export const ListSchema = Type.Object({
  ...filters,
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: DEFAULT_LISTED })),
  cursor: Type.Optional(Type.String({ description: 'The `next` of the previous page' }))
}, strict)

export const DeletionSchema = Type.Object({
  ...filters,
  all: Type.Optional(Type.Literal('true', { description: 'Selects all dead letters; needs no filter' }))
}, strict)

export const ReplayOrderSchema = Type.Object({
  ids: Type.Optional(Type.Array(Type.String({ pattern: '^d-[0-9a-f]{32}$' }), { minItems: 1, maxItems: MOST_IDS })),
  filter: Type.Optional(FilterSchema),
  dryRun: Type.Optional(Type.Boolean())
}, strict)

const decodeList = queryDecoder(ListSchema)
const decodeDeletion = queryDecoder(DeletionSchema)
const decodeReplayOrder = decoder(ReplayOrderSchema)

interface ListQuery {
  readonly filter: DeadLetterFilter
  readonly limit: number
  readonly after: string | undefined
}

export function parseList (query: unknown): Decoded<ListQuery> {
  const decoded = decodeList(query)
  if (!decoded.ok) return decoded
  const { limit = DEFAULT_LISTED, cursor, ...filter } = decoded.value
  const after = cursor === undefined ? undefined : decodeCursor(cursor)
  if (cursor !== undefined && after === undefined) return wrong('cursor', 'Expected the next of an earlier answer')
  return { ok: true, value: { filter: filterOf(filter), limit, after } }
}

/** Parses a deletion, which needs a filter or an explicit `all`. */
export function parseDeletion (query: unknown): Decoded<DeadLetterFilter> {
  const decoded = decodeDeletion(query)
  if (!decoded.ok) return decoded
  const { all, ...filter } = decoded.value
  const isFiltered = Object.keys(filter).length > 0
  if (isFiltered && all !== undefined) return wrong('all', 'Expected either a filter or all=true')
  if (!isFiltered && all === undefined) return wrong('', 'Expected a filter, or all=true to delete every dead letter')
  return { ok: true, value: filterOf(filter) }
}

export function parseReplay (body: unknown): Decoded<{ selection: ReplaySelection, isDryRun: boolean }> {
  const decoded = decodeReplayOrder(body)
  if (!decoded.ok) return decoded
  const { ids, filter, dryRun: isDryRun = false } = decoded.value
  if (ids !== undefined && filter !== undefined) return wrong('filter', 'Expected either ids or filter')
  if (ids !== undefined) return { ok: true, value: { selection: { ids: [...new Set(ids)] }, isDryRun } }
  if (filter === undefined) return wrong('', 'Expected ids or filter')
  return { ok: true, value: { selection: { filter: filterOf(filter) }, isDryRun } }
}

function filterOf ({ from, to, ...others }: Static<typeof FilterSchema>): DeadLetterFilter {
  return {
    ...others,
    ...(from !== undefined && { from: millisecondsOf(from) }),
    ...(to !== undefined && { to: millisecondsOf(to) })
  }
}

/** JavaScript cannot parse the leap seconds of RFC 3339; each counts as the second before it. */
function millisecondsOf (time: string): number {
  return Date.parse(time.replace(/:60(?=[.Z+-])/i, ':59'))
}
