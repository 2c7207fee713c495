/*
 * The room of one shard. A script sees the depth of its own shard only, so the bound of the whole queue becomes a bound
 * of each shard:
 *
 *   hard limit     an equal part for each shard: whatever others do, the parts never exceed the limit together
 *   lower bounds   the rest that the other shards leave by their last readings, at most an equal part and 2 % of the
 *                  bound: shards differ a little, and a shard that is ahead must not refuse while there is room
 *
 * While a shard has more than its part, as after one was added, the others get what it leaves.
 */

/** By how much all shards together may exceed a bound below the hard limit. */
export const BOUND_TOLERANCE = 0.02

export interface ShardRoom {
  /** Most events in all shards. */
  readonly mostDepth: number
  readonly hardLimit: number
  /** Shards that hold events or get them. */
  readonly shards: number
  /** The events in all other shards, by their last readings. */
  readonly depthOfOthers: number
}

/** Returns the most events that one of several shards may hold. */
export function mostDepthOfShard ({ mostDepth, hardLimit, shards, depthOfOthers }: ShardRoom): number {
  if (shards <= 1 || mostDepth === Infinity) return mostDepth
  const rest = mostDepth - depthOfOthers
  const part = mostDepth >= hardLimit
    ? Math.floor(mostDepth / shards)
    : Math.ceil(mostDepth * (1 + BOUND_TOLERANCE) / shards)
  return Math.max(0, Math.min(rest, part))
}
