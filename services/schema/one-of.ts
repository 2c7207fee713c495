import { Type, type SchemaOptions } from '@sinclair/typebox'

/** The schema of a text that is one of these. */
export function oneOf<Value extends string> (values: readonly Value[], options: SchemaOptions = {}) {
  return Type.Union(values.map((value) => Type.Literal(value)), options)
}
