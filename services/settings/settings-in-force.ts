import { decodeFields, fingerprintOf, versionOf, type SettingsChange, type SettingsFields } from './record.ts'
import type { Overrides, Settings, SettingsModel } from './settings.ts'

/** One version of the settings. Frozen. */
export interface SettingsVersion {
  /** 0 before the first change. */
  readonly version: number
  readonly settings: Settings
  readonly overrides: Overrides
}

export interface SettingsInForceOptions {
  model: SettingsModel
  /** Settings in Redis cannot be used, and those that were in force stay; told once of each. */
  onBroken: (reason: string, version: number) => void
  /** Settings in Redis have fields that this version does not know, and the others are in force; told once of each. */
  onUnknown: (fields: readonly string[], version: number) => void
  /** Settings are gone that this process remembers. */
  onGone: (remembered: SettingsFields) => void
}

/** The settings that this process follows. Each reading of the queue brings those that are new. */
export class SettingsInForce {
  readonly #options: SettingsInForceOptions
  #current: SettingsVersion
  #lastChange: SettingsChange | undefined
  /** The fields in force, and those that were seen last, which may be broken. */
  #fields: SettingsFields = {}
  #seen: SettingsFields | undefined

  constructor (options: SettingsInForceOptions) {
    this.#options = options
    this.#current = Object.freeze({ version: 0, settings: options.model.configured, overrides: Object.freeze({}) })
  }

  get current (): SettingsVersion { return this.#current }

  /** The change that made the settings in force; undefined before the first. */
  get lastChange (): SettingsChange | undefined { return this.#lastChange }

  /** The fields in Redis that are in force; empty before the first change. */
  get fields (): SettingsFields { return this.#fields }

  /** Names what was seen last; empty before that. */
  get fingerprint (): string { return this.#seen === undefined ? '' : fingerprintOf(this.#seen) }

  /** The latest version that was seen, usable or not. */
  get seenVersion (): number { return this.#seen === undefined ? 0 : versionOf(this.#seen) }

  /** Takes in the settings in Redis; undefined if they are those that were seen last. */
  observe (fields: SettingsFields | undefined): void {
    if (fields === undefined || (this.#seen !== undefined && isSame(fields, this.#seen))) return
    this.#seen = fields
    const isGone = fields.version === undefined
    if (isGone && this.#current.version === 0) return
    const change = isGone ? undefined : decodeFields(fields)
    if (change === undefined) {
      const reason = isGone
        ? 'there are none any more'
        : 'they are no JSON of settings with their author and their time'
      this.#options.onBroken(reason, versionOf(fields))
      if (isGone) this.#options.onGone(this.#fields)
      return
    }
    const checked = this.#options.model.check(change.overrides)
    if (!checked.ok) {
      const reason = checked.errors.map(({ field, message }) => `${field}: ${message}`).join('; ')
      return this.#options.onBroken(reason, change.version)
    }
    this.#fields = fields
    this.#follow(change, checked)
    const unknown = this.#options.model.unknownFields(change.overrides)
    if (unknown.length > 0) this.#options.onUnknown(unknown, change.version)
  }

  /** Follows the latest of these changes that can be used, while this process has followed none. */
  recover (changes: readonly SettingsChange[]): void {
    for (const change of changes) {
      if (this.#current.version > 0) return
      const checked = this.#options.model.check(change.overrides)
      if (checked.ok) this.#follow(change, checked)
    }
  }

  #follow (change: SettingsChange, { settings, overrides }: Pick<SettingsVersion, 'settings' | 'overrides'>): void {
    this.#lastChange = change
    this.#current = Object.freeze({ version: change.version, settings, overrides })
  }
}

function isSame (one: SettingsFields, other: SettingsFields): boolean {
  return (['version', 'at', 'record'] as const).every((name) => one[name] === other[name])
}
