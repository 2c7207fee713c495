import { isDeepStrictEqual } from 'node:util'
import { decodeFields, fingerprintOf, versionOf, type SettingsChange, type SettingsFields } from './record.ts'
import { shadowedSettings, type Overrides, type Settings, type SettingsModel } from './settings.ts'

/** One version of the settings. Frozen. */
export interface SettingsVersion {
  /** 0 before the first change. */
  readonly version: number
  readonly settings: Settings
  readonly overrides: Overrides
}

/** Settings that are tried beside those in force. Frozen. */
export interface ShadowTrial {
  readonly settings: Settings
  /** The part of them that operators have set for the trial: the same object until they change it. */
  readonly document: unknown
}

export interface SettingsInForceOptions {
  model: SettingsModel
  /** Called once for each unusable version in Redis; the settings in force stay. */
  onBroken: (reason: string, version: number) => void
  /** Called once for settings with fields that this version does not know; the other fields are in force. */
  onUnknown: (fields: readonly string[], version: number) => void
  /** Called if settings that this process remembers are gone from Redis. */
  onGone: (remembered: SettingsFields) => void
}

/** The settings that this process follows. Readings of the queue bring new ones. */
export class SettingsInForce {
  readonly #options: SettingsInForceOptions
  #current: SettingsVersion
  #lastChange: SettingsChange | undefined
  #trial: ShadowTrial | undefined
  /** The fields in force, and the fields seen last, which may be broken. */
  #fields: SettingsFields = {}
  #seen: SettingsFields | undefined
  #isGone = false

  constructor (options: SettingsInForceOptions) {
    this.#options = options
    this.#current = Object.freeze({ version: 0, settings: options.model.configured, overrides: Object.freeze({}) })
  }

  get current (): SettingsVersion { return this.#current }

  /** The settings that are tried beside those in force; undefined if none are. */
  get trial (): ShadowTrial | undefined { return this.#trial }

  /** The change that made the settings in force; undefined before the first. */
  get lastChange (): SettingsChange | undefined { return this.#lastChange }

  /** The fields in Redis that are in force; empty before the first change. */
  get fields (): SettingsFields { return this.#fields }

  /** Identifies the fields seen last; empty before the first. */
  get fingerprint (): string { return this.#seen === undefined ? '' : fingerprintOf(this.#seen) }

  /** The latest version that was seen, usable or not. */
  get seenVersion (): number { return this.#seen === undefined ? 0 : versionOf(this.#seen) }

  /** Adopts the settings in Redis; undefined if they have not changed. */
  observe (fields: SettingsFields | undefined): void {
    if (fields === undefined || this.#areGone(fields)) return
    if (this.#seen !== undefined && isSame(fields, this.#seen)) return
    this.#seen = fields
    if (fields.version === undefined) return
    const change = decodeFields(fields)
    if (change === undefined) {
      this.#options.onBroken('they are not JSON of settings with their author and time', versionOf(fields))
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

  /** Follows the latest usable change of these, unless this process already follows one. */
  recover (changes: readonly SettingsChange[]): void {
    for (const change of changes) {
      if (this.#current.version > 0) return
      const checked = this.#options.model.check(change.overrides)
      if (checked.ok) this.#follow(change, checked)
    }
  }

  /**
   * Whether settings that this process remembers are gone. It says so once, and has them restored with each reading until
   * they are back: they may be deleted again before a reading has them.
   */
  #areGone (fields: SettingsFields): boolean {
    const wereGone = this.#isGone
    this.#isGone = fields.version === undefined && this.#current.version > 0
    if (!this.#isGone) return false
    if (!wereGone) this.#options.onBroken('somebody deleted them', 0)
    this.#options.onGone(this.#fields)
    return true
  }

  #follow (change: SettingsChange, { settings, overrides }: Pick<SettingsVersion, 'settings' | 'overrides'>): void {
    this.#lastChange = change
    this.#current = Object.freeze({ version: change.version, settings, overrides })
    const tried = shadowedSettings(settings)
    const last = this.#trial?.document
    const document = isDeepStrictEqual(settings.shadow, last) ? last : settings.shadow
    this.#trial = tried && Object.freeze({ settings: tried, document })
  }
}

function isSame (one: SettingsFields, other: SettingsFields): boolean {
  return (['version', 'at', 'record'] as const).every((name) => one[name] === other[name])
}
