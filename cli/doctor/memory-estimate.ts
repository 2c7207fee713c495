/*
 * Estimates the memory of Redis for events, in addition to everything else that it has to hold: dead letters and
 * remembered ids, each up to its share, and receipts. The estimate holds for events of the measured size in full
 * batches. Larger events need more, and so do events that arrive one by one.
 */
import { DEAD_LETTER_SHARE, HARD_SHARE, REMEMBERED_SHARE } from '../../services/admission/memory.ts'
import type { Config } from '../../services/config/schema.ts'
import { BYTES_PER_ID } from '../../services/queue/id-life.ts'

/** Bytes of Redis for a waiting event of 250 bytes, `npm run bench -- --only redis-memory`; docs/PERFORMANCE.md. */
export const BYTES_PER_EVENT = 268

/** Bytes for each batch of RECEIPT_MAX_BATCHES. */
const BYTES_PER_RECEIPT = 300

const EMPTY_REDIS_BYTES = 10 * 1_048_576

/** Returns the configured limit in bytes, or the share of maxmemory without one. */
interface Claims { readonly bytes: number, readonly share: number }

/** Returns the memory that Redis needs besides events. */
function claimsOf ({
  RECEIPT_MAX_BATCHES, DEAD_LETTER_MAX_BYTES, IDEMPOTENCY_MAX_IDS, IDEMPOTENCY_TTL_MS
}: Config): Claims {
  const ids = IDEMPOTENCY_TTL_MS === 0 ? 0 : REMEMBERED_SHARE
  return {
    bytes:
      EMPTY_REDIS_BYTES +
      RECEIPT_MAX_BATCHES * BYTES_PER_RECEIPT +
      DEAD_LETTER_MAX_BYTES +
      IDEMPOTENCY_MAX_IDS * BYTES_PER_ID,
    share: (DEAD_LETTER_MAX_BYTES > 0 ? 0 : DEAD_LETTER_SHARE) + (IDEMPOTENCY_MAX_IDS > 0 ? 0 : ids)
  }
}

/** Returns the memory that Redis needs for so many waiting events, rounded up to whole MiB. */
export function bytesNeeded (events: number, config: Config): number {
  const { bytes, share } = claimsOf(config)
  return Math.ceil((bytes + events * BYTES_PER_EVENT) / (HARD_SHARE - share) / 1_048_576) * 1_048_576
}

/** Returns how many waiting events fit, rounded down to thousands; 0 if not even the rest fits. */
export function eventsThatFit (limit: number, config: Config): number {
  const { bytes, share } = claimsOf(config)
  return Math.max(0, Math.floor((limit * (HARD_SHARE - share) - bytes) / BYTES_PER_EVENT / 1_000) * 1_000)
}
