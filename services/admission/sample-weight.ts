/*
 * Keeps a sample of the events under pressure. An event has a place in [0, 1) that follows from its organization and its
 * sample key, and is kept if its place is below the share that is kept. So the decision is the same for each attempt, on
 * every replica, and a lower share keeps a part of what a higher one keeps. A kept event stands for 1 / share events,
 * which makes sums over kept events unbiased.
 */

/**
 * The number of events that an event stands for; undefined if it is not kept.
 *
 * @param place of the event
 * @param share of the events that are kept, above 0
 */
export function sampleWeight (place: number, share: number): number | undefined {
  if (share >= 1) return 1
  return place < share ? 1 / share : undefined
}

/** A number in [0, 1) that looks random and is the same everywhere: FNV-1a, with the last steps of MurmurHash3. */
export function samplePlace (organizationId: string | undefined, sampleKey: string): number {
  // The length keeps ('ab', 'c') and ('a', 'bc') apart.
  let hash = mixed(0x811c9dc5, `${organizationId?.length ?? 0}:`)
  if (organizationId !== undefined) hash = mixed(hash, organizationId)
  hash = mixed(hash, sampleKey)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32
}

/** One text after the other gives the same as both together, without a copy of them. */
function mixed (from: number, text: string): number {
  let hash = from
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return hash
}
