import type { Redis } from 'ioredis'
import type { QueueKeys } from '../queue/keys.ts'
import type { Repair } from '../queue/repair.ts'
import { Scripts } from '../redis/scripts.ts'
import { decodeFields, fieldsOfEntry, type SettingsChange, type SettingsFields, type SettingsRecord } from './record.ts'

/** Changes that the history keeps. */
const MOST_CHANGES = 100

/** The settings and their history in Redis. */
export class SettingsStore {
  readonly #redis: Redis
  readonly #repair: Repair
  readonly #keys: Pick<QueueKeys, 'settings' | 'settingsHistory'>
  readonly #scripts: Scripts<'change-settings' | 'restore-settings'>

  /** @param remembered returns the fields that this process knows, to replace damaged ones in Redis */
  constructor (redis: Redis, keys: QueueKeys, repair: Repair, remembered: () => SettingsFields) {
    this.#redis = redis
    this.#repair = repair
    this.#keys = keys
    this.#scripts = new Scripts(redis, import.meta.url, { 'change-settings': 2, 'restore-settings': 2 })
    repair.watch([
      { key: keys.settingsHistory, type: 'list' },
      {
        key: keys.settings, type: 'hash', numbers: ['version', 'at'], rebuild: async () => this.#restore(remembered())
      }
    ])
  }

  /** Reads the present settings. */
  async read (): Promise<SettingsFields> {
    return await this.#repair.guard(() => this.#redis.hgetall(this.#keys.settings))
  }

  /** Replaces a version of the settings; returns undefined and writes nothing if there is another version. */
  async replace (version: number, record: SettingsRecord): Promise<SettingsChange | undefined> {
    const { settings, settingsHistory } = this.#keys
    const reply = await this.#repair.guard(() => this.#scripts.run('change-settings', [
      settings, settingsHistory, version, JSON.stringify(record), MOST_CHANGES
    ])) as [version: string, at: string] | null
    return reply === null
      ? undefined
      : { version: Number(reply[0]), at: new Date(Number(reply[1])).toISOString(), ...record }
  }

  /** Restores deleted settings from the history or from the memory of this process. */
  async restore (remembered: SettingsFields): Promise<void> {
    await this.#repair.guard(() => this.#restore(remembered))
  }

  /** Returns the latest readable changes, latest first. */
  async history (): Promise<SettingsChange[]> {
    const entries = await this.#repair.guard(
      () => this.#redis.lrange(this.#keys.settingsHistory, 0, MOST_CHANGES - 1)
    )
    return entries.flatMap((entry) => decodeFields(fieldsOfEntry(entry)) ?? [])
  }

  /** Runs within a repair, so it must not wait for one. */
  async #restore ({ version = '0', at = '0', record = '' }: SettingsFields): Promise<void> {
    await this.#scripts.run('restore-settings', [
      this.#keys.settings, this.#keys.settingsHistory, version, at, record
    ])
  }
}
