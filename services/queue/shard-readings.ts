/*
 * Reads all shards at once. A shard that fails, or is silent while another one has answered, is away: its last figures
 * stand in, and it is asked again with the next reading, once its last call has ended. If none answers, the queue is
 * unknown.
 */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { Deadline } from '../clock/deadline.ts'
import { sum } from '../admission/sum.ts'
import type { QueueReading } from './reading.ts'
import { sumReadings } from './sum-readings.ts'

/** How long a reading waits for a silent shard after another one has answered. */
const PATIENCE_MS = 300

export type AskShard = () => Promise<QueueReading>

export class ShardReadings {
  readonly #last: (QueueReading | undefined)[] = []
  /** The totals of shards that are no longer read: a total that falls would look like a restart. */
  readonly #retired = new Map<number, QueueReading>()
  readonly #asked = new Set<number>()
  #away: readonly number[] = []

  /** The shards that did not answer last time. */
  get away (): readonly number[] { return this.#away }

  /** Events in each shard, by its last reading. */
  get depths (): number[] {
    return Array.from(this.#last, (reading) => reading === undefined ? 0 : sum(reading.depthByPriority))
  }

  /** Whether a shard has answered last time, and holds nothing but receipts. */
  isEmpty (shard: number): boolean {
    const reading = this.#last[shard]
    if (reading === undefined || this.#away.includes(shard)) return false
    const { depthByPriority, delayedByPriority, jobs, rememberedIds } = reading
    return sum(depthByPriority) + sum(delayedByPriority) + sum(Object.values(jobs)) + rememberedIds === 0
  }

  /** Reads all shards, and returns the sum. */
  async read (asks: readonly AskShard[]): Promise<QueueReading> {
    const fresh = new Set<number>()
    const failures = new Map<number, unknown>()
    for (let shard = asks.length; shard < this.#last.length; shard++) this.#retire(shard)
    this.#last.length = Math.min(this.#last.length, asks.length)
    const asked = [...asks.keys()].filter((shard) => !this.#asked.has(shard))
    let isOver = false
    await this.#untilRead(asked.map(async (shard) => {
      this.#asked.add(shard)
      try {
        const reading = await (asks[shard] as AskShard)()
        // An answer after its time is older than writes that the others contain.
        if (isOver) return
        this.#last[shard] = reading
        this.#retired.delete(shard)
        fresh.add(shard)
      } catch (error) {
        failures.set(shard, error)
        throw error
      } finally {
        this.#asked.delete(shard)
      }
    }))
    isOver = true
    this.#away = [...asks.keys()].filter((shard) => !fresh.has(shard))
    const known = this.#last.filter((reading) => reading !== undefined)
    if (fresh.size === 0 || this.#last[0] === undefined) {
      throw failures.get(0) ?? [...failures.values()][0] ?? new Error('no shard of the queue answers')
    }
    return sumReadings([...known, ...this.#retired.values()], this.#away)
  }

  /**
   * Takes in a reading of one shard that another process has taken. Returns the sum with that of the first shard, if the
   * others are young enough.
   */
  adopt (
    shard: number, reading: QueueReading, shards: number, isRecent: (redisTimeMs: number) => boolean
  ): QueueReading | undefined {
    this.#last[shard] = reading
    const all = Array.from({ length: shards }, (_, number) => this.#last[number])
    if (shard !== 0 || !all.every((one) => one !== undefined && (one === reading || isRecent(one.redisTimeMs)))) {
      return undefined
    }
    this.#away = []
    return sumReadings([...all as QueueReading[], ...this.#retired.values()], [])
  }

  /** Returns how many events of a priority a shard had ever taken at its last reading. */
  enqueuedIn (shard: number, priority: number): number {
    return this.#last[shard]?.enqueuedByPriority[priority] ?? 0
  }

  #retire (shard: number): void {
    const reading = this.#last[shard]
    if (reading !== undefined) this.#retired.set(shard, totalsOf(reading))
  }

  /** Resolves when all have ended, or the time of the silent ones is over. */
  async #untilRead (asked: readonly Promise<void>[]): Promise<void> {
    const all = Promise.allSettled(asked).then(() => true)
    if (asked.length < 2 || await Promise.race([all, haveAllEnded(asked, all)])) {
      await all
      return
    }
    const patience = Promise.withResolvers<void>()
    const deadline = new Deadline(PATIENCE_MS, patience.resolve)
    await Promise.race([all, patience.promise])
    deadline.clear()
  }
}

function totalsOf (reading: QueueReading): QueueReading {
  const none = reading.depthByPriority.map(() => 0)
  return {
    ...reading,
    depthByPriority: none, activeByPriority: none, delayedByPriority: none, rememberedIds: 0,
    oldestWaitingMsByPriority: none.map(() => null),
    jobs: { waiting: 0, active: 0, delayed: 0, unsettled: 0, failed: 0 },
    isPaused: false, pausedForMs: 0, memory: { usedBytes: 0, maxBytes: 0, machineBytes: 0 }
  }
}

/** Resolves with false once one has answered, and others that came with it had their turn; with true if none does. */
async function haveAllEnded (asked: readonly Promise<void>[], all: Promise<boolean>): Promise<boolean> {
  try {
    await Promise.any(asked)
  } catch {
    return await all
  }
  await nextTurn()
  return false
}
