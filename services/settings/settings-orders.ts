import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../event/field-error.ts'
import { decodeFields, versionOf, type SettingsChange } from './record.ts'
import type { CheckedOverrides, FieldChange, Overrides, SettingsModel } from './settings.ts'
import type { SettingsInForce, SettingsVersion } from './settings-in-force.ts'
import type { SettingsStore } from './settings-store.ts'

/** Other operators may change the settings between the read and the write. */
const MOST_TRIES = 10

export type OrderOutcome =
  /** Written as a new version. */
  | { readonly kind: 'changed', readonly result: SettingsVersion, readonly change: SettingsChange }
  /** In force already. */
  | { readonly kind: 'unchanged', readonly result: SettingsVersion }
  | { readonly kind: 'invalid', readonly errors: readonly FieldError[] }
  /** Others changed the settings again and again; nothing was written. */
  | { readonly kind: 'contended' }
  /** The version is not the requested one. */
  | { readonly kind: 'outdated', readonly version: number }
  /** The history has no such version. */
  | { readonly kind: 'unknown-version' }

export interface OrdersOptions {
  model: SettingsModel
  store: SettingsStore
  /** The settings to change if those in Redis cannot be read. */
  inForce: Pick<SettingsInForce, 'current'>
}

interface Held {
  readonly version: number
  readonly overrides: Overrides
}

const ANY_VERSION = () => true

/** Changes the settings of all replicas. Rejects if Redis is unavailable. */
export class SettingsOrders {
  readonly #options: OrdersOptions

  constructor (options: OrdersOptions) {
    this.#options = options
  }

  /** Applies a merge patch to the overrides; a null removes one. */
  async patch (
    patch: unknown, by: string, isExpected: (version: number) => boolean = ANY_VERSION
  ): Promise<OrderOutcome> {
    return await this.#change(by, isExpected, ({ overrides }) => this.#options.model.patch(overrides, patch))
  }

  /** Makes the overrides of an earlier version in the history a new version; version 0 has none. */
  async rollback (
    version: number, by: string, isExpected: (version: number) => boolean = ANY_VERSION
  ): Promise<OrderOutcome> {
    const { model, store } = this.#options
    const earlier = version === 0 ? { overrides: {} } : (await store.history()).find((each) => each.version === version)
    if (earlier === undefined) return { kind: 'unknown-version' }
    return await this.#change(by, isExpected, () => model.check(earlier.overrides), version)
  }

  async #change (
    by: string, isExpected: (version: number) => boolean, make: (held: Held) => CheckedOverrides, rollbackTo?: number
  ): Promise<OrderOutcome> {
    const { model, store } = this.#options
    for (let tries = 0; tries < MOST_TRIES; tries++) {
      const held = await this.#held()
      if (!isExpected(held.version)) return { kind: 'outdated', version: held.version }
      const made = make(held)
      if (!made.ok) return { kind: 'invalid', errors: made.errors }
      const { overrides, settings } = made
      if (!held.isBroken && isDeepStrictEqual(overrides, held.overrides)) {
        return { kind: 'unchanged', result: { version: held.version, settings, overrides } }
      }
      const changes: FieldChange[] = model.changes(held.overrides, overrides)
      const change = await store.replace(held.version, {
        overrides, by, changes, ...(rollbackTo !== undefined && { rollbackTo })
      })
      if (change === undefined) continue
      return { kind: 'changed', result: { version: change.version, settings, overrides }, change }
    }
    return { kind: 'contended' }
  }

  /** Returns the settings in Redis, or those in force here if they cannot be read. */
  async #held (): Promise<Held & { isBroken: boolean }> {
    const { store, inForce: { current } } = this.#options
    const fields = await store.read()
    const change = decodeFields(fields)
    // Overrides that contradict only the configuration of this process may be in force elsewhere: keep them.
    if (change !== undefined && this.#options.model.areFieldsValid(change.overrides)) {
      return { version: change.version, overrides: change.overrides, isBroken: false }
    }
    const version = versionOf(fields) || current.version
    return { version, overrides: current.overrides, isBroken: fields.version !== undefined || current.version > 0 }
  }
}
