import { Type } from '@sinclair/typebox'
import { queryDecoder, wrong, type Decoded } from '../schema/decode.ts'
import type { KeyPage } from './key-orders.ts'
import { KEY_ID_PATTERN } from './key-text.ts'

const DEFAULT_LISTED = 100

export const KeyListSchema = Type.Object({
  limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000, default: DEFAULT_LISTED })),
  cursor: Type.Optional(Type.String({ description: 'The `next` of the previous page' }))
}, { additionalProperties: false })

const decodeQuery = queryDecoder(KeyListSchema)
const CURSOR = new RegExp(`^k(${KEY_ID_PATTERN})$`)

/** Parses the query of a list of keys. */
export function parseKeyList (query: unknown): Decoded<KeyPage> {
  const decoded = decodeQuery(query)
  if (!decoded.ok) return decoded
  const { limit = DEFAULT_LISTED, cursor } = decoded.value
  const after = cursor === undefined ? undefined : idOfCursor(cursor)
  if (cursor !== undefined && after === undefined) return wrong('cursor', 'Expected the next of an earlier answer')
  return { ok: true, value: { limit, after } }
}

/** Encodes the end of a page; the request for the next page returns it unchanged. */
export function keyCursor (id: string): string {
  return Buffer.from(`k${id}`).toString('base64url')
}

function idOfCursor (cursor: string): string | undefined {
  const [, id] = CURSOR.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  return id !== undefined && keyCursor(id) === cursor ? id : undefined
}
