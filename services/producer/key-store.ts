/*
 * The keys in Redis: one hash of records by id. Each change writes a new version into the control record, which every
 * replica reads with its next sample; a replica whose version differs fetches the records. No request waits for that.
 */
import type { Redis } from 'ioredis'
import type { QueueKeys } from '../queue/keys.ts'
import type { Repair } from '../queue/repair.ts'
import { Reconnection } from '../redis/reconnection.ts'
import { Scripts } from '../redis/scripts.ts'
import { decodeKeyRecord, type KeyRecord } from './key.ts'
import type { KnownKeys } from './known-keys.ts'

/** The field of the control record with the version of the keys. */
const VERSION_FIELD = 'keys'

/** Bounds what each replica keeps and fetches. */
const MOST_KEYS = 10_000

export interface KeyStoreOptions {
  redis: Redis
  keys: Pick<QueueKeys, 'apiKeys' | 'apiKeysUsed' | 'control'>
  repair: Repair
  known: KnownKeys
  /** Called once for each record that cannot be read; the other keys stay in force. */
  onDamaged: (id: string, problems: readonly string[]) => void
  /** Called if the keys cannot be fetched; the next sample tries again. */
  onError: (error: Error) => void
}

export type KeyChange = 'changed' | 'different' | 'full'

export class KeyStore {
  readonly #options: KeyStoreOptions
  readonly #scripts: Scripts<'change-key' | 'restore-keys'>
  /** The records as Redis has them, by id: only changed ones are decoded again. */
  #texts: ReadonlyMap<string, { readonly text: string, readonly record: KeyRecord | undefined }> = new Map()
  /** The version that was fetched last; undefined before the first fetch, and after a failed one. */
  #version: string | undefined
  #isCurrent = false
  #isFetching = false

  constructor (options: KeyStoreOptions) {
    this.#options = options
    this.#scripts = new Scripts(options.redis, import.meta.url, { 'change-key': 2, 'restore-keys': 2 })
    options.repair.watch([
      { key: options.keys.apiKeys, type: 'hash', rebuild: () => this.#restore() },
      { key: options.keys.apiKeysUsed, type: 'hash' }
    ])
  }

  /** Whether this process knows all keys that Redis has now. */
  get isCurrent (): boolean { return this.#isCurrent }

  /** Adopts the keys before the first sample; waits for the first connection. Fails if Redis is out of reach. */
  async load (patienceMs: number): Promise<void> {
    await new Reconnection(this.#options.redis, patienceMs).isBack()
    await this.#fetch()
  }

  /** Fetches the keys if a reading of the control record shows a change. */
  observe (control: Readonly<Record<string, string>>): void {
    const version = control[VERSION_FIELD] ?? ''
    if (version === this.#version) {
      this.#isCurrent = true
      return
    }
    if (this.#isFetching) return
    this.#isFetching = true
    void this.#refresh(version).catch((error: Error) => {
      this.#isCurrent = false
      this.#options.onError(error)
    }).finally(() => { this.#isFetching = false })
  }

  /** Records that Redis is out of reach. */
  lose (): void {
    this.#isCurrent = false
  }

  /** Writes a new key. */
  async create (record: KeyRecord): Promise<KeyChange> {
    return await this.#change(record.id, '', JSON.stringify(record))
  }

  /** Replaces a key, unless somebody has changed it since it was read. */
  async replace (record: KeyRecord): Promise<KeyChange> {
    return await this.#change(record.id, this.#textOf(record.id), JSON.stringify(record))
  }

  /** Deletes a key: from the next sample of each replica on it is unknown. */
  async delete (id: string): Promise<KeyChange> {
    return await this.#change(id, this.#textOf(id), '')
  }

  /** Returns when keys were used last, milliseconds since 1970 by id; a minute late at most. */
  async lastUsed (): Promise<Readonly<Record<string, string>>> {
    const { redis, keys, repair } = this.#options
    return await repair.guard(() => redis.hgetall(keys.apiKeysUsed))
  }

  /** Records when keys were used last. */
  async recordUsed (used: ReadonlyMap<string, number>): Promise<void> {
    const { redis, keys, repair } = this.#options
    await repair.guard(() => redis.hset(keys.apiKeysUsed, used))
  }

  #textOf (id: string): string {
    return this.#texts.get(id)?.text ?? ''
  }

  async #change (id: string, from: string, to: string): Promise<KeyChange> {
    const { keys, repair } = this.#options
    const args = [keys.apiKeys, keys.control, id, from, to, MOST_KEYS]
    const change = await repair.guard(() => this.#scripts.run('change-key', args)) as KeyChange
    // The answer of a change promises that this replica follows it.
    await this.#fetch()
    return change
  }

  async #refresh (version: string): Promise<void> {
    // A Redis that lost its data must not make keys superfluous.
    if (version === '' && this.#texts.size > 0) await this.#restore()
    await this.#fetch()
  }

  async #restore (): Promise<void> {
    const { keys } = this.#options
    const records = [...this.#texts].flatMap(([id, { text }]) => [id, text])
    await this.#scripts.run('restore-keys', [keys.apiKeys, keys.control, ...records])
  }

  async #fetch (): Promise<void> {
    const { redis, keys, repair, known, onDamaged } = this.#options
    const [version, found] = await repair.guard(async () => [
      // The version first: records that are newer than it are fetched again.
      await redis.hget(keys.control, VERSION_FIELD), await redis.hgetall(keys.apiKeys)
    ] as const)
    this.#texts = new Map(Object.entries(found).map(([id, text]) => {
      const before = this.#texts.get(id)
      return [id, before?.text === text ? before : { text, record: decode(id, text, onDamaged) }]
    }))
    const records = [...this.#texts.values()].flatMap(({ record }) => record ?? [])
    known.adoptRedis(records, this.#texts.size - records.length)
    this.#version = version ?? ''
    this.#isCurrent = true
  }
}

function decode (id: string, text: string, onDamaged: KeyStoreOptions['onDamaged']): KeyRecord | undefined {
  try {
    const decoded = decodeKeyRecord(JSON.parse(text))
    if (decoded.ok && decoded.value.id === id) return decoded.value
    onDamaged(id, decoded.ok ? ['id: it differs from the name of the record'] : decoded.errors.map(describe))
  } catch {
    onDamaged(id, ['it is not JSON'])
  }
  return undefined
}

function describe ({ field, message }: { field: string, message: string }): string {
  return `${field}: ${message}`
}
