/*
 * The shards of a queue, as the processes of a service agree on them. The record is in the control hash of the first
 * shard; each process follows it with its readings:
 *
 *   shards            how many get new batches: the highest QUEUE_SHARDS of all live processes
 *   shards-opened     how many may hold anything: those that were removed are read and worked on until nothing is left
 *   shards-earlier    <number>:<until, ms>,…   numbers under which ids may still be remembered
 */
import { MOST_SHARDS, shardOfDigest } from './shard-choice.ts'

/** A number of shards under which ids may be remembered until a time of Redis. */
export interface EarlierShards {
  readonly shards: number
  readonly untilMs: number
}

export interface ShardRecord {
  readonly shards: number
  readonly opened: number
  readonly earlier: readonly EarlierShards[]
}

/** Reads the record; undefined if there is none, or it is damaged. */
export function shardRecordOf (control: Readonly<Record<string, string>>): ShardRecord | undefined {
  const shards = numberOf(control.shards)
  if (shards === undefined) return undefined
  const earlier = (control['shards-earlier'] ?? '').split(',').flatMap((entry) => {
    const [number, untilMs] = entry.split(':')
    const known = numberOf(number)
    const isSound = known !== undefined && Number.isSafeInteger(Number(untilMs))
    return isSound ? [{ shards: known, untilMs: Number(untilMs) }] : []
  })
  return { shards, opened: Math.max(shards, numberOf(control['shards-opened']) ?? 1), earlier }
}

function numberOf (text: string | undefined): number | undefined {
  const number = Number(text)
  return Number.isInteger(number) && number >= 1 && number <= MOST_SHARDS ? number : undefined
}

/** The shards as one process knows them. */
export class ShardMap {
  #record: ShardRecord
  #nowMs = 0
  #away: ReadonlySet<number> = new Set()
  #depths: readonly number[] = []
  readonly #suspects = new Set<number>()

  /** @param configured the number until the record is read */
  constructor (configured = 1) {
    this.#record = { shards: configured, opened: configured, earlier: [] }
  }

  /** How many shards get new batches. */
  get shards (): number { return this.#record.shards }

  /** How many shards may hold anything. */
  get opened (): number { return this.#record.opened }

  /** Follows the record, as a reading has it. */
  follow (record: ShardRecord, redisTimeMs: number): void {
    this.#record = record
    this.#nowMs = redisTimeMs
  }

  /** Returns the other shards that may remember a digest: those that it had, or has now. */
  othersOf (digest: string, own: number): number[] {
    const { shards, earlier } = this.#record
    const others = new Set<number>()
    if (shardOfDigest(digest, shards) !== own) others.add(shardOfDigest(digest, shards))
    for (const { shards: number, untilMs } of earlier) {
      const shard = untilMs > this.#nowMs ? shardOfDigest(digest, number) : own
      if (shard !== own) others.add(shard)
    }
    return [...others]
  }

  /** Whether ids may be remembered in more than one shard, so that each has to be looked up. */
  get hasMoved (): boolean {
    return this.#record.earlier.some(({ untilMs }) => untilMs > this.#nowMs)
  }

  /** Returns the shards that may remember a digest, the present one first. */
  shardsOf (digest: string): number[] {
    const own = shardOfDigest(digest, this.shards)
    return [own, ...this.othersOf(digest, own)]
  }

  /**
   * Learns from a reading of all shards.
   *
   * @param away shards without an answer
   * @param depths events in each shard
   */
  observe (away: readonly number[], depths: readonly number[]): void {
    this.#away = new Set(away)
    this.#suspects.clear()
    this.#depths = depths
  }

  /** Returns the events in all shards but one, by the last reading. */
  depthBeside (shard: number): number {
    return this.#depths.reduce((sum, depth, index) => index === shard ? sum : sum + depth, 0)
  }

  /** The shards that share the room: those with events of others that were removed, too. */
  get sharing (): number {
    const isLeft = this.#depths.some((depth, shard) => shard >= this.shards && depth > 0)
    return isLeft ? this.opened : this.shards
  }

  /** Has events that may go anywhere avoid a shard until the next reading: a write to it has failed. */
  suspect (shard: number): void {
    if (this.opened > 1) this.#suspects.add(shard)
  }

  /** Whether a shard cannot be read. */
  isAway (shard: number): boolean { return this.#away.has(shard) }

  readonly isAvoided = (shard: number): boolean => this.#away.has(shard) || this.#suspects.has(shard)
}
