/** Thrown for a batch of a shard that cannot be reached or read; other shards work. Nothing was stored. */
export class ShardAwayError extends Error {
  readonly code = 'shard-away'

  constructor (shard: number, cause?: unknown) {
    super(`shard ${shard} of the queue is unavailable`, { cause })
  }
}
