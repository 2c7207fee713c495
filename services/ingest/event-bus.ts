import type { Refusal } from '../backpressure/decision.ts'
import type { QueuedEvent } from '../event/event.ts'

/** What became of an event that was offered: stored in the queue, or refused with the reason and a time to come back. */
export type Publication = { accepted: true } | { accepted: false, refusal: Refusal }

/** The one way into the queue, for requests and for rules alike: admission first, then the batcher. */
export interface EventBus {
  /**
   * Resolves when Redis has confirmed the event, or at once when it is refused. Never rejects because of load or a broken Redis.
   *
   * @param bytes size of the event as JSON, as far as it is known; bounds the size of a batch
   */
  publish: (event: QueuedEvent, bytes?: number) => Promise<Publication>
}
