/*
 * The keys in Redis: one hash of records by id. Each change writes a new version into the control record, which every
 * replica reads with its next sample; a replica whose version differs fetches the records. No request waits for that.
 * A replica adopts its own changes without fetching all records, so changes in quick succession cost it little.
 */
import type { Redis } from 'ioredis'
import type { QueueKeys } from '../queue/keys.ts'
import type { Repair } from '../queue/repair.ts'
import { Reconnection } from '../redis/reconnection.ts'
import { Scripts } from '../redis/scripts.ts'
import { decodeKeyRecord, type KeyRecord } from './key.ts'
import { fullBound, MOST_KEYS, type FullBound, type StoredKey } from './key-room.ts'
import type { KnownKeys } from './known-keys.ts'

/** The field of the control record with the version of the keys. */
const VERSION_FIELD = 'keys'

/** The least time between two fetches of all records: an operator that changes keys without end costs no replica more. */
const LEAST_FETCH_INTERVAL_MS = 1_000

export interface KeyStoreOptions {
  redis: Redis
  keys: Pick<QueueKeys, 'apiKeys' | 'apiKeysUsed' | 'control'>
  repair: Repair
  known: KnownKeys
  /** Monotonic milliseconds. */
  elapsed: () => number
  /** Called once for each record that cannot be read; the other keys stay in force. */
  onDamaged: (id: string, problems: readonly string[]) => void
  /** Called if the keys cannot be fetched; the next sample tries again. */
  onError: (error: Error) => void
}

/** The outcome of a change; `different` if somebody else changed the key first. */
export type KeyChange = 'changed' | 'different' | { readonly full: FullBound }

export class KeyStore {
  readonly #options: KeyStoreOptions
  readonly #scripts: Scripts<'change-key' | 'restore-keys'>
  /** The records as Redis has them, by id: only changed ones are decoded again. */
  #stored = new Map<string, StoredKey>()
  /** The keys that are being created: they count too. */
  readonly #creating = new Set<StoredKey>()
  /** The changes of this replica since the present fetch began, which may not have seen them. */
  #changes = new Map<string, string>()
  /** The version that was fetched last; undefined before the first fetch, and after a failed one. */
  #version: string | undefined
  #isCurrent = false
  #isFetching = false
  #fetchedAt = -Infinity

  constructor (options: KeyStoreOptions) {
    this.#options = options
    this.#scripts = new Scripts(options.redis, import.meta.url, { 'change-key': 3, 'restore-keys': 2 })
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
    if (this.#isFetching || this.#options.elapsed() - this.#fetchedAt < LEAST_FETCH_INTERVAL_MS) return
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

  /**
   * Writes a new key.
   *
   * @param isOfOrganization whether the bounds of one organization hold for it
   */
  async create (record: KeyRecord, isOfOrganization = false): Promise<KeyChange> {
    const created = { text: JSON.stringify(record), record }
    const full = fullBound(created, [...this.#stored.values(), ...this.#creating], isOfOrganization)
    if (full !== undefined) return { full }
    this.#creating.add(created)
    try {
      return await this.#change(record.id, '', created.text)
    } finally {
      this.#creating.delete(created)
    }
  }

  /** Replaces a key, unless somebody has changed it since it was read. */
  async replace (record: KeyRecord): Promise<KeyChange> {
    return await this.#change(record.id, this.#textOf(record.id), JSON.stringify(record))
  }

  /** Deletes a key: from the next sample of each replica on it is unknown. */
  async delete (id: string): Promise<KeyChange> {
    return await this.#change(id, this.#textOf(id), '')
  }

  /** Returns when keys were used last, in their order: milliseconds since 1970, a minute late at most. */
  async lastUsed (ids: readonly string[]): Promise<readonly (number | undefined)[]> {
    const { redis, keys, repair } = this.#options
    if (ids.length === 0) return []
    const times = await repair.guard(() => redis.hmget(keys.apiKeysUsed, ...ids))
    return times.map((time) => time === null ? undefined : Number(time))
  }

  /** Records when keys were used last; one that was revoked meanwhile leaves nothing behind. */
  async recordUsed (used: ReadonlyMap<string, number>): Promise<void> {
    const { redis, keys, known, repair } = this.#options
    const present = [...used].filter(([id]) => known.find(id) !== undefined)
    if (present.length > 0) await repair.guard(() => redis.hset(keys.apiKeysUsed, new Map(present)))
  }

  #textOf (id: string): string {
    return this.#stored.get(id)?.text ?? ''
  }

  async #change (id: string, from: string, to: string): Promise<KeyChange> {
    const { keys, repair } = this.#options
    const args = [keys.apiKeys, keys.control, keys.apiKeysUsed, id, from, to, MOST_KEYS]
    const [outcome, before, version] = await repair.guard(() => this.#scripts.run('change-key', args)) as [
      'changed' | 'different' | 'full', string?, string?
    ]
    if (outcome === 'full') return { full: 'keys' }
    if (outcome === 'different') return outcome
    // The answer of a change promises that this replica follows it.
    this.#changes.set(id, to)
    this.#adopt(new Map(this.#stored).set(id, this.#read(id, to)))
    // With changes of others before it, this replica still has to fetch.
    if (before === this.#version) this.#version = version
    return outcome
  }

  async #refresh (version: string): Promise<void> {
    // A Redis that lost its data must not make keys superfluous.
    if (version === '' && this.#stored.size > 0) await this.#restore()
    await this.#fetch()
  }

  async #restore (): Promise<void> {
    const { keys } = this.#options
    const records = [...this.#stored].flatMap(([id, { text }]) => [id, text])
    await this.#scripts.run('restore-keys', [keys.apiKeys, keys.control, ...records])
  }

  async #fetch (): Promise<void> {
    const { redis, keys, repair, elapsed } = this.#options
    this.#fetchedAt = elapsed()
    this.#changes = new Map()
    const [version, found] = await repair.guard(async () => [
      // The version first: records that are newer than it are fetched again.
      await redis.hget(keys.control, VERSION_FIELD), await redis.hgetall(keys.apiKeys)
    ] as const)
    const texts = [...Object.entries(found), ...this.#changes]
    this.#adopt(new Map(texts.map(([id, text]) => [id, this.#read(id, text)])))
    this.#version = version ?? ''
    this.#isCurrent = true
  }

  /** Puts keys in force; one without a text is deleted. */
  #adopt (stored: Map<string, StoredKey>): void {
    for (const [id, { text }] of stored) if (text === '') stored.delete(id)
    this.#stored = stored
    const records = [...stored.values()].flatMap(({ record }) => record ?? [])
    this.#options.known.adoptRedis(records, stored.size - records.length)
  }

  #read (id: string, text: string): StoredKey {
    const before = this.#stored.get(id)
    if (before?.text === text) return before
    return { text, record: text === '' ? undefined : decode(id, text, this.#options.onDamaged) }
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
