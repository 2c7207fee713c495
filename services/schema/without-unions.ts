/*
 * Serializers try the members of a union with a validator each. To compile them takes a tenth of a second for an answer
 * with thirty figures that may be null. Most unions need no validator: a schema or null is `nullable`, and constants
 * are of one type.
 */
import { isRecord } from '../event/record.ts'

type Schema = Readonly<Record<string, unknown>>

/** Returns a schema that serializes the same values, with as few unions as possible. */
export function withoutUnions (schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutUnions)
  if (!isRecord(schema)) return schema
  const plain: Schema = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, withoutUnions(value)]))
  // A property of the name `anyOf` has a schema, not a list.
  return Array.isArray(plain.anyOf) ? withoutUnion(plain, plain.anyOf as readonly Schema[]) : plain
}

function withoutUnion ({ anyOf, ...others }: Schema, members: readonly Schema[]): Schema {
  const present = members.filter(({ type }) => type !== 'null')
  const nullable = present.length < members.length && { nullable: true }
  const [first = {}] = present
  if (present.length === 1) return { ...first, ...others, ...nullable }
  const isOfTexts = present.every((member) => member.type === 'string' && 'const' in member)
  return isOfTexts ? { ...others, type: 'string', ...nullable } : { anyOf, ...others }
}
