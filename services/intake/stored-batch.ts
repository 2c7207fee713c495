import type { Durability } from '../event/durability.ts'
import type { StoredIdentity } from '../event/identity-conflict.ts'
import type { QueuedEvent } from '../event/event.ts'

/** The facts about a stored batch. */
export interface StoredBatch {
  /** The level of durability. */
  readonly durability: Durability
  /** Events that were stored earlier and not again, with the stored identities. */
  readonly repeats: ReadonlyMap<QueuedEvent, StoredIdentity>
}
