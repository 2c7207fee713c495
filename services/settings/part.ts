import { KindGuard, Type, type Static, type TObject, type TSchema } from '@sinclair/typebox'
import { ADMISSION_MODES } from '../admission/mode.ts'
import type { Config } from '../config/schema.ts'
import type { FieldError } from '../event/field-error.ts'

/**
 * One part of the settings. Each file of `parts/` exports one; the name of the file is its name in the settings.
 *
 * Its schema consists of objects with fixed members, records, and values. Members without a default are optional.
 */
export interface SettingsPart<Schema extends TObject = TObject> {
  readonly schema: Schema
  /** The values in force until an operator sets others. */
  readonly defaults: (config: Config) => Static<Schema>
  /**
   * Returns errors for fields, relative to the part, that are valid but contradict each other.
   *
   * @param isGiven whether the change names a field; report these, not the older ones
   * @param isValid whether the value of a field is valid
   */
  conflicts? (values: Static<Schema>, isGiven: FieldTest, isValid: FieldTest, config: Config): FieldError[]
}

/** Tests a field by its path with dots. */
export type FieldTest = (field: string) => boolean

/** The schema of a mode of admission. */
export function modeSchema (description: string) {
  return Type.Union(ADMISSION_MODES.map((mode) => Type.Literal(mode)), { description })
}

/** Returns a schema of objects with fixed members in which each member is optional, at any depth. */
export function partialOf (schema: TSchema, ofMember = (member: TSchema): TSchema => member): TSchema {
  if (!KindGuard.IsObject(schema)) return schema
  const members = Object.entries(schema.properties).map(([name, member]) =>
    [name, Type.Optional(ofMember(partialOf(member, ofMember)))])
  return Type.Object(Object.fromEntries(members), { additionalProperties: false })
}

export const PART_SHAPE = 'a SettingsPart: { schema, defaults }'

/** Tells whether a file of a parts folder exports one. */
export function isSettingsPart (candidate: unknown): candidate is SettingsPart {
  const { schema, defaults } = (candidate ?? {}) as Partial<SettingsPart>
  return schema?.type === 'object' && typeof defaults === 'function'
}
