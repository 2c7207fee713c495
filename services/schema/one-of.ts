import { Type, type SchemaOptions } from '@sinclair/typebox'

/** Returns the schema of a text that is one of these values. */
export function oneOf<Value extends string> (values: readonly Value[], options: SchemaOptions = {}) {
  return Type.Union(values.map((value) => Type.Literal(value)), options)
}
