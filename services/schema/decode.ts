/*
 * Checks queries and commands against their schemas. Reports every wrong field, including unknown ones: ignoring a
 * misspelled filter would delete far more than intended.
 */
import { KindGuard, type Static, type TObject, type TSchema } from '@sinclair/typebox'
import { TypeCompiler } from '@sinclair/typebox/compiler'
import type { FieldError } from '../event/field-error.ts'
import { schemaErrors } from '../event/schema-errors.ts'
import { illFormedError, isIllFormed } from '../event/well-formed.ts'
import './formats.ts'

/** A value that the schema accepts, or its errors. */
export type Decoded<Value> =
  | { readonly ok: true, readonly value: Value }
  | { readonly ok: false, readonly errors: readonly FieldError[] }

/** Compiles a schema into a function that checks values. Text has to be well-formed Unicode. */
export function decoder<Schema extends TSchema> (schema: Schema): (value: unknown) => Decoded<Static<Schema>> {
  const check = TypeCompiler.Compile(schema)
  return (value) => {
    if (!check.Check(value)) return { ok: false, errors: schemaErrors(check, value) }
    const errors = illFormedIn(value, '')
    return errors.length > 0 ? { ok: false, errors } : { ok: true, value }
  }
}

/** The same for a query, whose integers are digits in text. Nothing else is converted. */
export function queryDecoder<Schema extends TObject> (schema: Schema): (query: unknown) => Decoded<Static<Schema>> {
  const decode = decoder(schema)
  return (query) => decode(Object.fromEntries(Object.entries(query as object).map(([name, text]) =>
    [name, KindGuard.IsInteger(schema.properties[name]) && /^\d{1,15}$/.test(text) ? Number(text) : text])))
}

/** Refuses a value for a reason that no schema can express. */
export function wrong (field: string, message: string): { readonly ok: false, readonly errors: readonly FieldError[] } {
  return { ok: false, errors: [{ field, message }] }
}

function illFormedIn (value: unknown, path: string): FieldError[] {
  if (isIllFormed(value)) return [illFormedError(path)]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]) => illFormedIn(member, path === '' ? name : `${path}.${name}`))
}
