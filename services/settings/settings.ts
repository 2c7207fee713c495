/*
 * The settings that operators can change while the service runs.
 *
 *   configured   the values in the configuration of this process
 *   overrides    the values that operators set, the same on every replica; other fields are absent
 *   settings     the overrides over the configured values: the values in force
 *
 * An override that is removed returns its field to the configured value, which may differ between replicas.
 *
 * The member `shadow` of the overrides has settings of any part that are tried beside those in force. It has no
 * configured value.
 */
import { isDeepStrictEqual } from 'node:util'
import { Type, type TObject } from '@sinclair/typebox'
import type { Config } from '../config/schema.ts'
import type { FieldError } from '../event/field-error.ts'
import type { RegistryEntry } from '../registry/load-folder.ts'
import { checkPatch, withoutUnknown } from './check-patch.ts'
import { fieldOf, joined } from './field-path.ts'
import { leavesOf, mergePatch, withoutEmpty } from './merge-patch.ts'
import { partialOf, type FieldTest, type SettingsPart } from './part.ts'
import type { BackpressureSettings } from './parts/backpressure.ts'
import type { ControlSettings } from './parts/control.ts'

/** One object of all parts. Frozen. */
export interface Settings {
  readonly backpressure: BackpressureSettings
  readonly control: ControlSettings
  /** Settings to try: a merge patch over the others. */
  readonly shadow?: Readonly<Record<string, unknown>>
  readonly [part: string]: unknown
}

const SHADOW = 'shadow'

export type Overrides = Readonly<Record<string, unknown>>

export type CheckedOverrides =
  | { readonly ok: true, readonly overrides: Overrides, readonly settings: Settings }
  | { readonly ok: false, readonly errors: readonly FieldError[] }

/** One field whose override a change has set, replaced or removed. */
export interface FieldChange {
  readonly field: string
  /** The value in force before; null for a field that had none. */
  readonly from: unknown
  readonly to: unknown
  /** Whether the field has returned to its configured value. */
  readonly isConfigured: boolean
}

/** The parts of the settings of a process with their schemas and configured values. */
export class SettingsModel {
  readonly schema: TObject
  /** The settings without overrides. */
  readonly configured: Settings
  readonly #parts: readonly RegistryEntry<SettingsPart>[]
  readonly #config: Config

  constructor (parts: readonly RegistryEntry<SettingsPart>[], config: Config) {
    const twice = parts.find(({ name }, index) => parts.findIndex((other) => other.name === name) < index)
    if (twice !== undefined) throw new Error(`two parts of the settings are named ${twice.name}: rename one file`)
    if (parts.some(({ name }) => name === SHADOW)) throw new Error(`a part of the settings is named ${SHADOW}: rename it`)
    this.#parts = parts
    this.#config = config
    const schemas = Object.fromEntries(parts.map(({ name, value }) => [name, value.schema]))
    const shadow = Type.Optional(partialOf(Type.Object(schemas)))
    shadow.description = 'Settings that are tried beside those in force: a merge patch over them; absent without a shadow'
    this.schema = Type.Object({ ...schemas, [SHADOW]: shadow }, { additionalProperties: false })
    this.configured = frozen(
      Object.fromEntries(parts.map(({ name, value }) => [name, value.defaults(config)]))
    ) as Settings
  }

  /** Applies a merge patch to overrides, and reports every wrong field in it. */
  patch (overrides: Overrides, patch: unknown): CheckedOverrides {
    const { errors, valid } = checkPatch(this.schema, patch)
    const patched = withoutEmpty(mergePatch(overrides, valid ?? {}) as Record<string, unknown>)
    const settings = mergePatch(this.configured, this.#known(patched)) as Settings
    const isValid = (field: string) => !errors.some((error) => isWithin(field, error.field))
    const given = [...leavesOf(valid ?? {}).keys()]
    const isGiven = (field: string) => given.some((each) => isWithin(field, each))
    const conflicts = this.#conflicts(settings, '', isGiven, isValid)
    // Errors of the settings in force would be repeated as those of the shadow over them.
    const tried = errors.length + conflicts.length > 0 ? undefined : shadowedSettings(settings)
    if (tried !== undefined) conflicts.push(...this.#conflicts(tried, SHADOW, isGiven, isValid))
    if (errors.length + conflicts.length > 0) return { ok: false, errors: [...errors, ...conflicts] }
    return { ok: true, overrides: frozen(patched), settings: frozen(settings) }
  }

  /**
   * Checks overrides as a whole. Fields that this version does not know, since another version or a policy that is gone
   * had them, stay and are not in force.
   */
  check (overrides: Overrides): CheckedOverrides {
    const checked = this.patch({}, this.#known(overrides))
    return checked.ok ? { ...checked, overrides: frozen(withoutEmpty(overrides)) } : checked
  }

  /** Checks each field of overrides alone, without their consistency. */
  areFieldsValid (overrides: Overrides): boolean {
    return checkPatch(this.schema, this.#known(overrides)).errors.length === 0
  }

  /** The fields of overrides that this version does not know. */
  unknownFields (overrides: Overrides): string[] {
    const known = leavesOf(this.#known(overrides))
    return [...leavesOf(overrides).keys()].filter((field) => !known.has(field))
  }

  /** Returns the fields in which overrides differ, each with its values in force here. */
  changes (before: Overrides, after: Overrides): FieldChange[] {
    const [was, is] = [leavesOf(before), leavesOf(after)]
    const [from, to] = [before, after].map((overrides) => leavesOf(mergePatch(this.configured, overrides)))
    // In the order of the settings, followed by fields that only the overrides had.
    return [...new Set([...to?.keys() ?? [], ...was.keys()])]
      .filter((field) => was.has(field) !== is.has(field) || !isDeepStrictEqual(was.get(field), is.get(field)))
      .map((field) => ({
        field, from: from?.get(field) ?? null, to: to?.get(field) ?? null, isConfigured: !is.has(field)
      }))
  }

  /** @param at the path of the settings: empty for those in force */
  #conflicts (settings: Settings, at: string, isGiven: FieldTest, isValid: FieldTest): FieldError[] {
    return this.#parts.flatMap(({ name, value: part }) => {
      const path = fieldOf(at, name)
      const within = (test: FieldTest): FieldTest => (field) => test(joined(path, field))
      const values = settings[name] as Record<string, unknown>
      const found = part.conflicts?.(values, within(isGiven), within(isValid), this.#config) ?? []
      return found.map(({ field, message }) => ({ field: joined(path, field), message }))
    })
  }

  #known (overrides: Overrides): Record<string, unknown> {
    return withoutUnknown(this.schema, overrides)
  }
}

/** Returns the settings that a shadow follows: its own over those in force. Undefined without a shadow. */
export function shadowedSettings ({ shadow, ...inForce }: Settings): Settings | undefined {
  return shadow && frozen(mergePatch(inForce, shadow) as Settings)
}

/** Whether a field equals another one or is a member of it. */
function isWithin (field: string, other: string): boolean {
  return other === '' || field === other || field.startsWith(`${other}.`)
}

function frozen<Value> (value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}
