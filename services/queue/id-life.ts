/*
 * Remembered ids take memory that events need. Their number is bounded by shortening the time for which new ones are
 * remembered, once there are many:
 *
 *   ids      0 ─────────────────── 0.8 of the most ─────────── the most
 *   life     IDEMPOTENCY_TTL_MS    ► falls in proportion ►     10 s
 *
 * So at most the most, and what comes in 10 s, are remembered. Under a steady rate the life settles where it fits.
 * Unless the most is configured, it is a share of what Redis may hold, and binds only while that is under pressure.
 */
import { capacityBytesOf, DEAD_LETTER_SHARE, REMEMBERED_SHARE, type MemoryReading } from '../admission/memory.ts'

/** Memory of one id with the mark of its batch, rounded up: 410 where events come one by one, 232 in batches of 100. */
export const BYTES_PER_ID = 450

/** Longer than a producer takes that tries again at once. */
export const LEAST_LIFE_MS = 10_000

const FULL_LIFE_SHARE = 0.8

/**
 * Below this share of its capacity Redis has room for more ids than theirs, and leaves the queue as much as it always
 * has.
 */
const PRESSURE_SHARE = REMEMBERED_SHARE + DEAD_LETTER_SHARE

/** How long the id of an event is remembered at present. */
export class IdLife {
  readonly #ttlMs: number
  readonly #mostIds: number
  #ms: number

  /** @param mostIds 0 takes a share of what Redis may hold */
  constructor ({ ttlMs, mostIds }: { ttlMs: number, mostIds: number }) {
    this.#ttlMs = ttlMs
    this.#mostIds = mostIds
    this.#ms = ttlMs
  }

  get ms (): number { return this.#ms }

  /** Whether ids are remembered for less than was configured. */
  get isShortened (): boolean { return this.#ms < this.#ttlMs }

  /** Takes in how many ids are remembered now, and how much Redis may hold. */
  observe (ids: number, memory: MemoryReading): void {
    const most = this.#mostIds > 0 ? this.#mostIds : mostIdsUnderPressure(memory)
    const left = most === undefined ? 1 : (1 - ids / most) / (1 - FULL_LIFE_SHARE)
    const shortest = Math.min(this.#ttlMs, LEAST_LIFE_MS)
    this.#ms = Math.round(Math.min(this.#ttlMs, Math.max(shortest, this.#ttlMs * left)))
  }
}

/** Most ids that are remembered; undefined while Redis has room, or nobody knows what it may hold. */
function mostIdsUnderPressure (memory: MemoryReading): number | undefined {
  const capacity = capacityBytesOf(memory)
  if (capacity === undefined || memory.usedBytes < capacity * PRESSURE_SHARE) return undefined
  return Math.max(1, Math.floor(capacity * REMEMBERED_SHARE / BYTES_PER_ID))
}
