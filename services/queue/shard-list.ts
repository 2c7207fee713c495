import { FIRST_SHARD, parseBatchId } from './batch.ts'
import { MOST_SHARDS } from './shard-choice.ts'
import type { Shard } from './shard.ts'

/** The shards that this process has opened, by number. An unknown one is opened when a batch names it. */
export class ShardList {
  readonly #create: (shard: number) => Shard
  readonly #shards = new Map<number, Shard>()

  constructor (create: (shard: number) => Shard) {
    this.#create = create
  }

  at (number: number): Shard {
    let shard = this.#shards.get(number)
    if (shard === undefined) this.#shards.set(number, shard = this.#create(number))
    return shard
  }

  /** Returns the shard of a batch. A foreign job, and an invented id, count to the first. */
  of (batchId: string): Shard { return this.at(shardNumberOf(batchId)) }

  /** Returns this many shards, from the first on. */
  upTo (count: number): Shard[] { return Array.from({ length: count }, (_, number) => this.at(number)) }

  async close (): Promise<void> {
    await Promise.all([...this.#shards.values()].map((shard) => shard.close()))
  }
}

/** Returns the number of the shard of a batch; the first for an id that no batch has. */
export function shardNumberOf (batchId: string): number {
  const { shard = FIRST_SHARD } = parseBatchId(batchId) ?? {}
  return shard < MOST_SHARDS ? shard : FIRST_SHARD
}
