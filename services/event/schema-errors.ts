import type { TSchema } from '@sinclair/typebox'
import type { TypeCheck } from '@sinclair/typebox/compiler'
import { MOST_ERRORS, type FieldError } from './field-error.ts'
import { MOST_QUOTED_CHARACTERS, quoted } from './quoted.ts'
import { isRecord } from './record.ts'

/** Most members of an event that its schema checks one by one; several times the number of any valid form. */
const MOST_MEMBERS = 1_000

/** Returns errors for the fields that the schema refuses, bounded in number and length for an answer. */
export function schemaErrors (check: TypeCheck<TSchema>, input: unknown): FieldError[] {
  // The schema escapes each name and visits each member, which costs a second for a megabyte of them.
  const excessive = [...excessiveNames(input, ''), ...excessiveNames(valuesOf(input), 'values')]
  if (excessive.length > 0) return excessive.slice(0, MOST_ERRORS)
  const errors: FieldError[] = []
  for (const { path, message } of check.Errors(input)) {
    const field = quoted(path.slice(1).replaceAll('/', '.').replaceAll('~1', '/').replaceAll('~0', '~'))
    // The schema reports a missing property twice: as missing, and as having the wrong type.
    if (!errors.some((error) => error.field === field)) errors.push({ field, message })
    if (errors.length === MOST_ERRORS) break
  }
  return errors
}

/** Whether an object has more members than this; stops counting there. */
export function hasMoreMembers (input: object, most: number): boolean {
  let members = 0
  for (const _name in input) if (++members > most) return true
  return false
}

/** Returns the only member that a schema checks inside: the variables of a reading. */
function valuesOf (input: unknown): unknown {
  return isRecord(input) ? input.values : undefined
}

function excessiveNames (input: unknown, field: string): FieldError[] {
  if (!isRecord(input)) return []
  if (hasMoreMembers(input, MOST_MEMBERS)) return [{ field, message: `Expected at most ${MOST_MEMBERS} members` }]
  return Object.keys(input)
    .filter((name) => name.length > MOST_QUOTED_CHARACTERS)
    .map((name) => ({
      field: quoted(field === '' ? name : `${field}.${quoted(name)}`),
      message: `Expected a name of at most ${MOST_QUOTED_CHARACTERS} characters`
    }))
}
