/*
 * A token bucket as one number, the time at which it is full again: the generic cell rate algorithm (ITU-T I.371, its
 * theoretical arrival time; Brandur Leach, "Rate Limiting, Cells, and GCRA", 2015).
 *
 *           full                      empty
 *   ─────────┼──────────────────────────┼────────► fullAt - now
 *            0                       burstMs
 *
 * An event moves the time by the interval of the quota, divided by the share of this replica. The burst is divided by
 * the same number of replicas, so in time it is the same for all of them: a share that changes leaves each bucket as
 * full as it was.
 */
import type { Limit } from './quota.ts'

/** Times are multiples of this part of a millisecond, about a nanosecond, so that a charge and its refund add up to 0. */
const PARTS_PER_MS = 2 ** 20

/** A time that can be added and taken back without an error of rounding. */
export function exactMs (ms: number): number {
  return Math.round(ms * PARTS_PER_MS) / PARTS_PER_MS
}

/**
 * Milliseconds until the bucket has room for one more event; 0 or less if it has. A replica whose share of the burst is
 * less than one event still admits one when its bucket is full.
 */
export function waitForEvent (fullAt: number, now: number, { intervalMs, burstMs }: Limit, share: number): number {
  return fullAt - now - Math.max(0, burstMs - intervalMs / share)
}

/**
 * Milliseconds until the bucket of bytes is no longer empty; 0 or less if it is not. The size of an event plays no part:
 * one that is larger than the burst takes the bucket into debt, and could otherwise never be admitted.
 */
export function waitForBytes (fullAt: number, now: number, { burstMs }: Limit): number {
  return fullAt - now - burstMs + 1 / PARTS_PER_MS
}

/** Returns the time at which a bucket is full again after a charge. */
export function charged (fullAt: number, now: number, costMs: number): number {
  return Math.max(fullAt, now) + costMs
}

/** The part of the bucket that is used, 0 to 1. */
export function usedShare (fullAt: number, now: number, { burstMs }: Limit): number {
  return Math.min(1, Math.max(0, (fullAt - now) / burstMs))
}
