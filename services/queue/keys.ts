/** Name of the BullMQ queue that events travel in. */
export const QUEUE_NAME = 'rule-engine-events'

/** The braces are a hash tag: on a Redis Cluster all keys of Spillway live in one slot, which its scripts need. */
export const KEY_PREFIX = '{spillway}'

/** The key of a voided batch lives this long: longer than any try of the same add may still be on its way. */
export const VOID_LIFE_MS = 60_000

/** Before the digests by which events are remembered. */
export const SEEN_PREFIX = `${KEY_PREFIX}:seen:`
