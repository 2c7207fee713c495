import type { Refusal } from '../admission/refusal.ts'
import type { Rights } from '../admission/rights.ts'
import type { Durability } from '../event/durability.ts'
import type { FieldError } from '../event/field-error.ts'
import type { QueuedEvent } from '../event/event.ts'

/** The result of an event that was offered. */
export type Publication =
  | { status: 'accepted', durability: Durability }
  /**
   * The event repeats one that was answered with `id`. The level is present if the first event waits in the spool of
   * this process.
   */
  | { status: 'duplicate', id: string, durability?: 'spooled' }
  /** An event with another type or a lower priority already has this identity; the errors name the fields. */
  | { status: 'conflict', errors: FieldError[] }
  /** The same event is being stored now, and the result is not known yet. */
  | { status: 'in-flight' }
  /** Under pressure a sample of the events is kept, and this one is no part of it. It must not be posted again. */
  | { status: 'sampled' }
  | { status: 'refused', refusal: Refusal }

/** How an event is to be stored. */
export interface Offering {
  /** Size of the event as JSON, if known; bounds the size of a batch. */
  bytes?: number
  /** The rights of its producer; those of the service itself by default. */
  producer?: Rights
  /** The digest that identifies the event in Redis. */
  key?: string | undefined
  /** The posted JSON of the event, if it is stored unchanged. */
  text?: string | undefined
  /** The requested level; `queued` by default. */
  durability?: Durability
  /** Waits a while for an unavailable queue: its sender stays connected anyway. */
  isPatient?: boolean
  /** Shares the outcome of an equal event that is being stored, since both are in the same request. */
  mayFollow?: boolean
  /** The service itself offers the event: it comes from a rule, and no quota applies to it. */
  isInternal?: boolean
}

/** The only way into the queue, for requests and rules: admission first, then the batcher. */
export interface EventBus {
  /**
   * Resolves when the event is stored, or immediately when it is refused. Never rejects because of load or a broken
   * Redis.
   */
  publish: (event: QueuedEvent, offering?: Offering) => Promise<Publication>
}
