/*
 * Once there are more or fewer shards, one of n + 1 digests has another shard. Its event may be remembered in the shard
 * that it had, for IDEMPOTENCY_TTL_MS. Until then a batch is looked up there before it is added: one more round trip,
 * only for batches with such digests. Batches from the spool are always looked up: their shard is as old as they are.
 */
import type { FindElsewhere } from './batch-addition.ts'
import type { Batch } from './batch.ts'
import type { Remembered, Repeat } from './remembered.ts'
import type { ShardList } from './shard-list.ts'
import type { ShardMap } from './shard-map.ts'

/** Finds remembered events in all shards that may have them. */
export class RememberedElsewhere {
  readonly #map: ShardMap
  readonly #shards: ShardList

  constructor (map: ShardMap, shards: ShardList) {
    this.#map = map
    this.#shards = shards
  }

  /** Returns the remembered event of the first known digest. */
  async firstOf (digests: readonly string[]): Promise<Remembered | undefined> {
    const found = new Map<string, Remembered>()
    await this.#eachShard(digests, (digest) => this.#map.shardsOf(digest), async (shard, own) => {
      for (const [index, event] of (await this.#shards.at(shard).remembered(own)).entries()) {
        if (event !== undefined) found.set(own[index] as string, event)
      }
    })
    return digests.map((digest) => found.get(digest)).find((event) => event !== undefined)
  }

  /** Returns what finds the events of batches of one shard in others; undefined while no other one can have any. */
  finderFor (shard: number, isOld: boolean): FindElsewhere | undefined {
    const { opened, hasMoved } = this.#map
    return hasMoved || (isOld && opened > 1) ? (batch) => this.#find(batch, shard) : undefined
  }

  async #find ({ keys = [] }: Batch, shard: number): Promise<Repeat[]> {
    const digests = keys.filter((key) => key !== null)
    const found = new Map<string, Remembered>()
    await this.#eachShard(digests, (digest) => this.#map.othersOf(digest, shard), async (other, own) => {
      for (const { index, ...event } of await this.#shards.at(other).findRemembered(own)) {
        found.set(own[index] as string, event)
      }
    })
    return found.size === 0 ? [] : keys.flatMap((key, index) => {
      const event = key === null ? undefined : found.get(key)
      return event === undefined ? [] : [{ ...event, index }]
    })
  }

  async #eachShard (
    digests: readonly string[], shardsOf: (digest: string) => readonly number[],
    look: (shard: number, digests: readonly string[]) => Promise<void>
  ): Promise<void> {
    const byShard = new Map<number, string[]>()
    for (const digest of digests) {
      for (const shard of shardsOf(digest)) byShard.set(shard, [...byShard.get(shard) ?? [], digest])
    }
    await Promise.all([...byShard].map(([shard, own]) => look(shard, own)))
  }
}
