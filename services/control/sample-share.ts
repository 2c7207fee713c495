/*
 * Keeps a sample of the events under pressure instead of refusing them. The pressure x rises from 0 at the wait that is
 * a warning to 1 at the one that is critical, and the shares that are kept fall with it:
 *
 *   low      1 - x       gives way at once
 *   normal   1 - x⁴      holds until the end: 0.94 at x = 0.5
 *   critical 1
 *
 * An event is kept if the hash of its organization and its sample key is below the share. So the decision is the same
 * for each event of a session or trace and for each attempt, on every replica, and a lower share keeps a part of what a
 * higher one keeps. A kept event stands for 1 / share events, which makes sums over kept events unbiased. This is so as
 * long as each event may be kept, so no share falls to zero.
 */
import type { ByClass } from './wait.ts'

/** Share that is kept whatever the pressure is. */
const LEAST_SHARE = 0.01

export interface Pressure {
  readonly waitMs: number
  readonly warningMs: number
  readonly criticalMs: number
}

/** Shares of the classes to keep at this pressure. */
export function keptShares ({ waitMs, warningMs, criticalMs }: Pressure, leastShare = LEAST_SHARE): ByClass {
  const pressure = waitMs >= criticalMs ? 1 : Math.max(0, (waitMs - warningMs) / (criticalMs - warningMs))
  return { critical: 1, normal: Math.max(leastShare, 1 - pressure ** 4), low: Math.max(leastShare, 1 - pressure) }
}

/**
 * The number of events that a kept event stands for; undefined if the event is not kept.
 *
 * @param sampleKey the same for all events that are kept or left out together: a session, a trace, or the id
 * @param share of the events that are kept, above 0
 */
export function sampleWeight (
  organizationId: string | undefined, sampleKey: string, share: number
): number | undefined {
  if (share >= 1) return 1
  return sampleHash(organizationId ?? '', sampleKey) < share ? 1 / share : undefined
}

/** A number in [0, 1) that looks random and is the same everywhere: FNV-1a, with the last steps of MurmurHash3. */
function sampleHash (organizationId: string, sampleKey: string): number {
  let hash = 0x811c9dc5
  // The length keeps ('ab', 'c') and ('a', 'bc') apart.
  const text = `${organizationId.length}:${organizationId}${sampleKey}`
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}
