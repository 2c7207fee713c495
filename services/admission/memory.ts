/*
 * The second measure of admission beside the depth: the bytes that Redis holds. An event has 200 bytes or a million, so
 * the number of events says little about how full Redis is. Bytes are those that Redis compares with its own
 * `maxmemory`. Everything in Redis counts: events, dead letters, receipts and remembered ids.
 *
 *   0 ──────── rest ───────── closes ─ recovery ─ warning ─ critical ───────── hard limit ── maxmemory
 *              dead letters,  0.81 C   0.9 C      0.95 C    C, the circuit     critical      Redis refuses
 *              ids, receipts                                opens              spooled       workers too
 *
 * Shares refer to the capacity, which is the `maxmemory` of Redis or a share of its machine. It may change at any time.
 */
import type { Thresholds } from './thresholds.ts'

/** Bytes as Redis reports them; 0 if it does not. */
export interface MemoryReading {
  readonly usedBytes: number
  /** Its `maxmemory`; 0 without one. */
  readonly maxBytes: number
  /** Memory of the machine that it runs on. */
  readonly machineBytes: number
}

/** Configured limits; 0 derives one from the capacity. */
export interface ByteLimits {
  readonly criticalBytes: number
  readonly hardBytes: number
}

/**
 * Without `maxmemory` this share of the machine is the capacity: Redis grows while it rewrites its file, and is not
 * alone.
 */
const MACHINE_SHARE = 0.6

export const CRITICAL_SHARE = 0.7
export const HARD_SHARE = 0.9

/** The highest hard limit. The rest up to `maxmemory` is for workers, whose writes a full Redis would refuse too. */
export const MOST_HARD_SHARE = 0.95

/** Shares of the capacity for dead letters and for remembered ids. The queue has the rest below the critical share. */
export const DEAD_LETTER_SHARE = 0.2
export const REMEMBERED_SHARE = 0.2

const RECOVERY_SHARE = 0.9
const WARNING_SHARE = 0.95

/**
 * Share of the recovery threshold in bytes at which the circuit closes. It is higher than the share for the depth,
 * because only the queue's part of the bytes drains.
 */
export const BYTES_CLOSE_SHARE = 0.9

export const DERIVED_LIMITS: ByteLimits = Object.freeze({ criticalBytes: 0, hardBytes: 0 })

/** Returns the bytes that Redis may hold; undefined if neither `maxmemory` nor the machine's memory is known. */
export function capacityBytesOf ({ maxBytes, machineBytes }: MemoryReading): number | undefined {
  if (maxBytes > 0) return maxBytes
  return machineBytes > 0 ? Math.floor(machineBytes * MACHINE_SHARE) : undefined
}

/** Returns the thresholds in bytes; undefined if the capacity is unknown and none are configured. */
export function byteThresholds (
  memory: MemoryReading, { criticalBytes, hardBytes }: ByteLimits
): Thresholds | undefined {
  const capacity = capacityBytesOf(memory)
  const wantedHard = hardBytes > 0
    ? hardBytes
    : capacity === undefined ? criticalBytes / CRITICAL_SHARE * HARD_SHARE : capacity * HARD_SHARE
  if (wantedHard === 0) return undefined
  const hard = memory.maxBytes > 0 ? Math.min(wantedHard, memory.maxBytes * MOST_HARD_SHARE) : wantedHard
  const wantedCritical = criticalBytes > 0
    ? criticalBytes
    : hardBytes > 0 || capacity === undefined ? hard / HARD_SHARE * CRITICAL_SHARE : capacity * CRITICAL_SHARE
  const critical = Math.min(wantedCritical, hard * WARNING_SHARE)
  return {
    recovery: Math.floor(critical * RECOVERY_SHARE),
    warning: Math.floor(critical * WARNING_SHARE),
    critical: Math.floor(critical),
    hardLimit: Math.floor(hard)
  }
}
