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

  /** @param remembered the fields that this process knows, for when those in Redis are damaged */
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

  /** Reads the settings as they are now. */
  async read (): Promise<SettingsFields> {
    return await this.#repair.guard(() => this.#redis.hgetall(this.#keys.settings))
  }

  /** Writes settings in place of a version; undefined if there is another one, and nothing is written. */
  async replace (version: number, record: SettingsRecord): Promise<SettingsChange | undefined> {
    const { settings, settingsHistory } = this.#keys
    const reply = await this.#repair.guard(() => this.#scripts.run('change-settings', [
      settings, settingsHistory, version, JSON.stringify(record), MOST_CHANGES
    ])) as [version: string, at: string] | null
    return reply === null
      ? undefined
      : { version: Number(reply[0]), at: new Date(Number(reply[1])).toISOString(), ...record }
  }

  /** Puts settings back that somebody has deleted, from the history or as this process remembers them. */
  async restore (remembered: SettingsFields): Promise<void> {
    await this.#repair.guard(() => this.#restore(remembered))
  }

  /** The latest changes that can be read, the latest first. */
  async history (): Promise<SettingsChange[]> {
    const entries = await this.#repair.guard(
      () => this.#redis.lrange(this.#keys.settingsHistory, 0, MOST_CHANGES - 1)
    )
    return entries.flatMap((entry) => decodeFields(fieldsOfEntry(entry)) ?? [])
  }

  /** Part of a repair, so it must not wait for one. */
  async #restore ({ version = '0', at = '0', record = '' }: SettingsFields): Promise<void> {
    await this.#scripts.run('restore-settings', [
      this.#keys.settings, this.#keys.settingsHistory, version, at, record
    ])
  }
}
