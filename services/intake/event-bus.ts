import type { Refusal } from '../admission/refusal.ts'
import type { Durability } from '../event/durability.ts'
import type { FieldError } from '../event/field-error.ts'
import type { QueuedEvent } from '../event/event.ts'

/** The result of an event that was offered. */
export type Publication =
  | { status: 'accepted', durability: Durability }
  /** It came before; `id` is what was answered then. The level is there where the first waits in the spool of this process. */
  | { status: 'duplicate', id: string, durability?: 'spooled' }
  /** Another event came before under its identity: of another type, or of lower priority. These fields say which. */
  | { status: 'conflict', errors: FieldError[] }
  /** The same event is being stored at this very moment, and it is not known yet whether that succeeds. */
  | { status: 'in-flight' }
  | { status: 'refused', refusal: Refusal }

/** How an event is to be stored. */
export interface Offering {
  /** Size of the event as JSON, as far as it is known; bounds the size of a batch. */
  bytes?: number
  /** Digest that it is remembered by. */
  key?: string | undefined
  /** The event as it was posted, as JSON, when that is all there is to store of it. */
  text?: string | undefined
  /** The level that the producer asked for; `queued` by default. */
  durability?: Durability
  /** Waits a while for an absent queue; its sender is there for long anyway. */
  isPatient?: boolean
  /** Shares the fate of a like event that is being stored, since they came together. */
  mayFollow?: boolean
  /** The service itself offers the event: it comes from a rule, and no quota applies to it. */
  isInternal?: boolean
}

/** The one way into the queue, for requests and for rules alike: admission first, then the batcher. */
export interface EventBus {
  /** Resolves when the event is stored, or at once when it is refused. Never rejects because of load or a broken Redis. */
  publish: (event: QueuedEvent, offering?: Offering) => Promise<Publication>
}
