/*
 * Chooses the shard of new events, and adds their batches there: within the room of that shard, without events that
 * other shards remember, and not at all while the shard is away.
 */
import type { OnSent } from '../admission/in-transit.ts'
import type { QueuedEvent } from '../event/event.ts'
import type { FairOrder } from '../organizations/fair-order.ts'
import { isOutage, isOutOfMemory, isWriteRefusal } from '../redis/outage.ts'
import type { Bound } from './batch-addition.ts'
import { FIRST_SHARD, type Batch } from './batch.ts'
import type { RememberedElsewhere } from './remembered-elsewhere.ts'
import type { Repeat } from './remembered.ts'
import { ShardAwayError } from './shard-away-error.ts'
import { shardOfDigest, ShardTurns } from './shard-choice.ts'
import { shardNumberOf, type ShardList } from './shard-list.ts'
import type { ShardMap } from './shard-map.ts'
import { mostDepthOfShard } from './shard-room.ts'

export interface ShardIntakeOptions {
  /** Absent if workers take batches in the order in which they come. */
  fairOrder?: FairOrder
  /** Events without an identity that go to a shard before the next one has its turn. */
  turnEvents?: number
  hardLimit?: () => number
}

interface Parts {
  readonly map: ShardMap
  readonly list: ShardList
  readonly memory: RememberedElsewhere
  /** Has a shard that was removed read and worked on again. */
  readonly open: (shard: number) => Promise<void>
}

/** As many as BATCH_MAX_EVENTS by default. */
const TURN_EVENTS = 128

/** Shards documents its methods. */
export class ShardIntake {
  readonly #options: ShardIntakeOptions
  readonly #parts: Parts
  readonly #turns: ShardTurns

  constructor (options: ShardIntakeOptions, parts: Parts) {
    this.#options = options
    this.#parts = parts
    this.#turns = new ShardTurns(options.turnEvents ?? TURN_EVENTS)
  }

  /**
   * Returns the number of the shard for an event: by its key, if it has one; in a fair order by its organization, so
   * that all its events are in one order; else in turn.
   */
  shardOf (key: string | undefined, { priority, organizationId }: Pick<QueuedEvent, 'priority' | 'organizationId'>): number {
    const { map, map: { shards } } = this.#parts
    if (shards === 1) return FIRST_SHARD
    const name = key ?? (this.#options.fairOrder?.isOn === true ? organizationId : undefined)
    return name === undefined ? this.#turns.next(priority, shards, map.isAvoided) : shardOfDigest(name, shards)
  }

  async add (batch: Batch, onSent: OnSent | undefined, needsSync: boolean): Promise<readonly Repeat[]> {
    const { list, memory } = this.#parts
    const shard = shardNumberOf(batch.id)
    return await this.#whileThere(shard, async () => await list.at(shard).add(
      this.#bounded(batch, shard), { onSent, needsSync, findElsewhere: memory.finderFor(shard, false) }
    ))
  }

  async addMerged (batches: readonly Batch[], bound: Bound, onSent: OnSent | undefined): Promise<void> {
    const { list, memory } = this.#parts
    const parts = Map.groupBy(batches, ({ id }) => shardNumberOf(id))
    await Promise.all([...parts].map(([shard, own]) => this.#whileThere(shard, async () => {
      await list.at(shard).addMerged(own, this.#bounded(bound, shard), onSent, memory.finderFor(shard, true))
    })))
  }

  /** Fails at once for a shard that is away, and has events that may go anywhere avoid one that fails. */
  async #whileThere<Result> (shard: number, add: () => Promise<Result>): Promise<Result> {
    const { map, open } = this.#parts
    if (map.isAway(shard)) throw new ShardAwayError(shard)
    try {
      const added = await add()
      // Afterwards: another process may have found it empty before.
      if (shard >= map.shards) await open(shard)
      return added
    } catch (error) {
      if (isOutage(error)) map.suspect(shard)
      // Others may accept writes.
      if (map.opened > 1 && isWriteRefusal(error) && !isOutOfMemory(error)) throw new ShardAwayError(shard, error)
      throw error
    }
  }

  /** Replaces the bound of the queue by that of a shard. */
  #bounded<Bounded extends Bound> (bounded: Bounded, shard: number): Bounded {
    const { mostDepth } = bounded
    const { map } = this.#parts
    if (mostDepth === undefined || map.opened === 1) return bounded
    const hardLimit = this.#options.hardLimit?.() ?? Infinity
    return {
      ...bounded,
      mostDepth: mostDepthOfShard({ mostDepth, hardLimit, shards: map.sharing, depthOfOthers: map.depthBeside(shard) })
    }
  }
}
