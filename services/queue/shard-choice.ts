/*
 * Chooses the shard of an event that has an identity, by rendezvous hashing (Thaler and Ravishankar 1998): each shard
 * draws a number from the digest, and the highest wins. A further shard takes only what it wins itself, one of n + 1
 * events; all others stay. So most remembered ids are where a repetition looks for them.
 *
 * Events without an identity may go anywhere. They go to the shards in turn, in runs as long as a batch:
 *
 *   128 to shard 0 │ 128 to shard 1 │ 128 to shard 2 │ 128 to shard 0 │ …       each priority on its own
 *
 * So a few events that come together stay together, and batches are as large as in a single queue.
 */
import { PRIORITY_SLOTS } from '../admission/priority-class.ts'
import { ConfigSchema } from '../config/schema.ts'


/** The most shards of a service; the id of a batch has room for their numbers. */
export const MOST_SHARDS: number = ConfigSchema.properties.QUEUE_SHARDS.maximum ?? 1

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
const GOLDEN = 0x9e3779b1

/** Returns the shard of a digest among so many shards. */
export function shardOfDigest (digest: string, shards: number): number {
  if (shards <= 1) return 0
  let hash = FNV_OFFSET
  for (let index = 0; index < digest.length; index++) hash = Math.imul(hash ^ digest.charCodeAt(index), FNV_PRIME)
  let chosen = 0
  let highest = -1
  for (let shard = 0; shard < shards; shard++) {
    const drawn = mixed(hash + Math.imul(shard + 1, GOLDEN))
    if (drawn <= highest) continue
    highest = drawn
    chosen = shard
  }
  return chosen
}

/** Spreads the bits of an integer: the last step of MurmurHash3. */
function mixed (value: number): number {
  let bits = value
  bits = Math.imul(bits ^ bits >>> 16, 0x85ebca6b)
  bits = Math.imul(bits ^ bits >>> 13, 0xc2b2ae35)
  return (bits ^ bits >>> 16) >>> 0
}

/** Takes turns between shards for events without an identity. */
export class ShardTurns {
  readonly #run: number
  readonly #shards = Array.from({ length: PRIORITY_SLOTS }, () => 0)
  readonly #events = Array.from({ length: PRIORITY_SLOTS }, () => 0)

  /** @param run how many events go to a shard before the next one has its turn */
  constructor (run: number) {
    this.#run = run
  }

  /**
   * Returns the shard of the next event of this priority.
   *
   * @param isAway skips shards that are unavailable, unless all are
   */
  next (priority: number, shards: number, isAway: (shard: number) => boolean): number {
    const events = this.#events[priority] ?? 0
    let shard = (this.#shards[priority] ?? 0) % shards
    if (events >= this.#run || isAway(shard)) {
      for (let tries = 0; tries < shards; tries++) {
        shard = (shard + 1) % shards
        if (!isAway(shard)) break
      }
      this.#shards[priority] = shard
      this.#events[priority] = 1
    } else this.#events[priority] = events + 1
    return shard
  }
}
