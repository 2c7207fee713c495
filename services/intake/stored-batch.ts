import type { Durability } from '../event/durability.ts'
import type { StoredIdentity } from '../event/identity-conflict.ts'
import type { QueuedEvent } from '../event/event.ts'

/** The facts about a batch once it is stored. */
export interface StoredBatch {
  /** The level that was met. */
  readonly durability: Durability
  /** Events that were stored before and not again, with what is stored under their identities. */
  readonly repeats: ReadonlyMap<QueuedEvent, StoredIdentity>
}
