/*
 * Remembered ids take memory that events need. Their number is bounded by shortening the time for which new ones are remembered,
 * once there are many:
 *
 *   ids      0 ─────────────────── 0.8 of the most ─────────── the most
 *   life     IDEMPOTENCY_TTL_MS    ► falls in proportion ►     10 s
 *
 * So at most the most, and what comes in 10 s, are remembered. Under a steady rate the life settles where it fits.
 */
import { capacityBytesOf, REMEMBERED_SHARE, type MemoryReading } from '../backpressure/memory.ts'

/** Of Redis for one id with the mark of its batch, rounded up: 410 where events come one by one, 232 in batches of 100. */
export const BYTES_PER_ID = 450

/** Longer than a producer takes that tries again at once. */
export const LEAST_LIFE_MS = 10_000

const FULL_LIFE_SHARE = 0.8

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
    const most = mostIdsOf(this.#mostIds, memory)
    const left = most === undefined ? 1 : (1 - ids / most) / (1 - FULL_LIFE_SHARE)
    const shortest = Math.min(this.#ttlMs, LEAST_LIFE_MS)
    this.#ms = Math.round(Math.min(this.#ttlMs, Math.max(shortest, this.#ttlMs * left)))
  }
}

/** Most ids that are remembered; undefined when nobody knows what Redis may hold. */
export function mostIdsOf (configured: number, memory: MemoryReading): number | undefined {
  if (configured > 0) return configured
  const capacity = capacityBytesOf(memory)
  return capacity === undefined ? undefined : Math.max(1, Math.floor(capacity * REMEMBERED_SHARE / BYTES_PER_ID))
}
