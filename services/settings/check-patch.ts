import { KindGuard, type TObject, type TSchema } from '@sinclair/typebox'
import { Value } from '@sinclair/typebox/value'
import { allowedValues } from '../config/allowed-values.ts'
import type { FieldError } from '../event/field-error.ts'
import { isRecord } from '../event/record.ts'
import { fieldOf } from './field-path.ts'

export interface CheckedPatch {
  /** Every field that the schema does not accept. */
  readonly errors: readonly FieldError[]
  /** The patch without these fields. */
  readonly valid: unknown
}

/** Checks a merge patch against the schema of the document. Any field may be null, which removes it. */
export function checkPatch (schema: TObject, patch: unknown): CheckedPatch {
  const errors: FieldError[] = []
  return { errors, valid: isRecord(patch) ? members(schema, patch, '', errors) : notAnObject('', errors) }
}

/** The document without the members that its schema does not know, such as those of a policy that is gone. */
export function withoutUnknown (schema: TSchema, document: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(document).flatMap(([name, value]) => {
    const schemaOfMember = memberSchema(schema, name)
    if (schemaOfMember === undefined) return []
    return [[name, hasMembers(schemaOfMember) && isRecord(value) ? withoutUnknown(schemaOfMember, value) : value]]
  }))
}

function members (schema: TSchema, patch: Record<string, unknown>, path: string, errors: FieldError[]): object {
  return Object.fromEntries(Object.entries(patch).flatMap(([name, value]): [string, unknown][] => {
    const field = fieldOf(path, name)
    const schemaOfMember = memberSchema(schema, name)
    if (schemaOfMember === undefined) errors.push({ field, message: 'Unexpected property' })
    else if (value === null) return [[name, null]]
    else if (!hasMembers(schemaOfMember)) {
      if (Value.Check(schemaOfMember, value)) return [[name, value]]
      errors.push({ field, message: `Expected ${allowedValues(schemaOfMember)}, or null` })
    } else if (isRecord(value)) return [[name, members(schemaOfMember, value, field, errors)]]
    else notAnObject(field, errors)
    return []
  }))
}

function notAnObject (field: string, errors: FieldError[]): undefined {
  errors.push({ field, message: field === '' ? 'Expected an object' : 'Expected an object, or null' })
}

function hasMembers (schema: TSchema): boolean {
  return KindGuard.IsObject(schema) || KindGuard.IsRecord(schema)
}

/** Returns the schema of a member; undefined if it is not allowed. */
function memberSchema (schema: TSchema, name: string): TSchema | undefined {
  if (KindGuard.IsObject(schema)) return Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
  if (!KindGuard.IsRecord(schema)) return undefined
  return Object.entries(schema.patternProperties).find(([pattern]) => new RegExp(pattern).test(name))?.[1]
}
