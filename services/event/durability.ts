/**
 * The promise of an answer 202 for an event: it is in the queue and Redis has confirmed it; it is in the queue and on
 * the disk of Redis; it is on the local disk of the process that answered.
 */
export type Durability = 'queued' | 'synced' | 'spooled'

export const DURABILITIES: readonly Durability[] = ['queued', 'synced', 'spooled']

/** The header in which a producer asks for a level; `queued` by default. */
export const DURABILITY_HEADER = 'x-event-durability'
