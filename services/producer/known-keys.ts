import { producerOf, type KeyRecord } from './key.ts'
import type { Producer } from './producer.ts'

/** A key that this process knows. */
export interface KnownKey {
  readonly record: KeyRecord
  readonly producer: Producer
  readonly source: 'file' | 'redis'
}

/** The keys in force in this process: those of its key file and those in Redis. A key of the file wins over Redis. */
export class KnownKeys {
  #fromFile: readonly KeyRecord[] = []
  #fromRedis: readonly KeyRecord[] | undefined
  #byId: ReadonlyMap<string, KnownKey> = new Map()
  #inOrder: readonly KnownKey[] | undefined
  #unreadable = 0
  #generation = 0

  /** Changes with the keys: what was concluded from them before counts no more. */
  get generation (): number { return this.#generation }

  /** Whether the keys in Redis have been read since the start. */
  get isComplete (): boolean { return this.#fromRedis !== undefined }

  /** Whether there is a key at all, if only one that cannot be read: requests need one then. */
  get isAny (): boolean { return this.#byId.size + this.#unreadable > 0 }

  /** The number of keys by source. */
  get bySource (): Readonly<Record<KnownKey['source'], number>> {
    return { file: this.#fromFile.length, redis: this.#fromRedis?.length ?? 0 }
  }

  find (id: string): KnownKey | undefined {
    return this.#byId.get(id)
  }

  /** All keys, in the order of their ids. */
  all (): readonly KnownKey[] {
    this.#inOrder ??= [...this.#byId.values()]
      .toSorted(({ record: one }, { record: other }) => one.id < other.id ? -1 : 1)
    return this.#inOrder
  }

  /** Replaces the keys of the file. */
  adoptFile (records: readonly KeyRecord[]): void {
    this.#fromFile = records
    this.#change()
  }

  /** Replaces the keys in Redis, of which further ones are unreadable. */
  adoptRedis (records: readonly KeyRecord[], unreadable = 0): void {
    this.#fromRedis = records
    this.#unreadable = unreadable
    this.#change()
  }

  #change (): void {
    this.#byId = new Map([...this.#entriesOf(this.#fromRedis ?? [], 'redis'), ...this.#entriesOf(this.#fromFile, 'file')])
    this.#inOrder = undefined
    this.#generation++
  }

  #entriesOf (records: readonly KeyRecord[], source: KnownKey['source']): [string, KnownKey][] {
    return records.map((record) => {
      const before = this.#byId.get(record.id)
      // A key that stays as it was costs nothing.
      if (before?.record === record && before.source === source) return [record.id, before]
      return [record.id, { record, producer: producerOf(record), source }]
    })
  }
}
