/*
 * What events take of Redis. An estimate: it holds for events of the size that was measured, in full batches. Larger events take more, and
 * so do events that come one by one.
 */
import type { Config } from '../../services/config/schema.ts'

/** Bytes of Redis for a waiting event of 250 bytes, `npm run bench -- --only redis-memory`; docs/PERFORMANCE.md. */
export const BYTES_PER_EVENT = 268

/** Of RECEIPT_MAX_BATCHES, for each batch. */
const BYTES_PER_RECEIPT = 300

/** For an event of 250 bytes, measured with 10,000 of them. */
const BYTES_PER_DEAD_LETTER = 1_100

/** For a remembered id of 40 characters, measured with 10,000 of them after their events were handled. */
const BYTES_PER_ID = 260

/** What of maxmemory events may take; the rest is for buffers, fragmentation and the writes of workers. As docs/BACKPRESSURE-CONFIG.md has it. */
const USABLE_SHARE = 0.75

const EMPTY_REDIS_BYTES = 10 * 1_048_576

/** What Redis needs for so many waiting events, rounded up to whole MiB. */
export function bytesNeeded (events: number, { RECEIPT_MAX_BATCHES }: Config): number {
  const bytes = (EMPTY_REDIS_BYTES + RECEIPT_MAX_BATCHES * BYTES_PER_RECEIPT + events * BYTES_PER_EVENT) / USABLE_SHARE
  return Math.ceil(bytes / 1_048_576) * 1_048_576
}

/** What dead letters take when there are as many as may be, and the ids of as many events as may wait, rounded up to whole MiB. */
export function bytesBeside ({ DEAD_LETTER_MAX_EVENTS, QUEUE_HARD_LIMIT, IDEMPOTENCY_TTL_MS }: Config): number {
  const ids = IDEMPOTENCY_TTL_MS === 0 ? 0 : QUEUE_HARD_LIMIT
  const bytes = (DEAD_LETTER_MAX_EVENTS * BYTES_PER_DEAD_LETTER + ids * BYTES_PER_ID) / USABLE_SHARE
  return Math.ceil(bytes / 1_048_576) * 1_048_576
}

/** What Redis needs for all that may be in it: waiting events, receipts, dead letters and ids. */
export function bytesAdvised (events: number, config: Config): number {
  return bytesNeeded(events, config) + bytesBeside(config)
}

/** How many waiting events fit, rounded down to thousands; 0 when not even the rest does. */
export function eventsThatFit (bytes: number, { RECEIPT_MAX_BATCHES }: Config): number {
  const left = bytes * USABLE_SHARE - EMPTY_REDIS_BYTES - RECEIPT_MAX_BATCHES * BYTES_PER_RECEIPT
  return Math.max(0, Math.floor(left / BYTES_PER_EVENT / 1_000) * 1_000)
}
