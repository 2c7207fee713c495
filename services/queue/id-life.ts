/*
 * Remembered ids take memory that events need. Once there are many, new ids are remembered for a shorter time, which
 * bounds their number:
 *
 *   ids      0 ─────────────────── 0.8 of the most ─────────── the most
 *   life     IDEMPOTENCY_TTL_MS    ► falls in proportion ►     10 s
 *
 * So the number never exceeds the maximum by more than the arrivals of 10 s. At a steady rate the life settles at the
 * value that fits. If no maximum is configured, it is a share of the capacity of Redis, and applies only while Redis is
 * under pressure.
 */
import { capacityBytesOf, DEAD_LETTER_SHARE, REMEMBERED_SHARE, type MemoryReading } from '../admission/memory.ts'

/** Memory of one id with the mark of its batch, rounded up: 410 for single events, 232 in batches of 100. */
export const BYTES_PER_ID = 450

/** Longer than an immediate retry of a producer takes. */
export const LEAST_LIFE_MS = 10_000

const FULL_LIFE_SHARE = 0.8

/** Below this share of its capacity Redis has room for more ids without taking memory from the queue. */
const PRESSURE_SHARE = REMEMBERED_SHARE + DEAD_LETTER_SHARE

/** The present life of remembered ids. */
export class IdLife {
  readonly #ttlMs: number
  readonly #mostIds: number
  #ms: number

  /** @param mostIds 0 derives it from the capacity of Redis */
  constructor ({ ttlMs, mostIds }: { ttlMs: number, mostIds: number }) {
    this.#ttlMs = ttlMs
    this.#mostIds = mostIds
    this.#ms = ttlMs
  }

  get ms (): number { return this.#ms }

  /** Whether ids are remembered for less than the configured time. */
  get isShortened (): boolean { return this.#ms < this.#ttlMs }

  /** Adjusts the life to the number of remembered ids and the memory of Redis. */
  observe (ids: number, memory: MemoryReading): void {
    const most = this.#mostIds > 0 ? this.#mostIds : mostIdsUnderPressure(memory)
    const left = most === undefined ? 1 : (1 - ids / most) / (1 - FULL_LIFE_SHARE)
    const shortest = Math.min(this.#ttlMs, LEAST_LIFE_MS)
    this.#ms = Math.round(Math.min(this.#ttlMs, Math.max(shortest, this.#ttlMs * left)))
  }
}

/** Returns the most ids to remember; undefined while Redis has room, or its capacity is unknown. */
function mostIdsUnderPressure (memory: MemoryReading): number | undefined {
  const capacity = capacityBytesOf(memory)
  if (capacity === undefined || memory.usedBytes < capacity * PRESSURE_SHARE) return undefined
  return Math.max(1, Math.floor(capacity * REMEMBERED_SHARE / BYTES_PER_ID))
}
