import type { AdmissionGate } from '../admission/gate.ts'
import type { Refusal } from '../backpressure/decision.ts'
import type { QueuedEvent } from '../event/event.ts'
import type { EventBatcher } from '../queue/batcher.ts'
import type { EventBus, Publication } from './event-bus.ts'

const ACCEPTED: Publication = Object.freeze({ accepted: true as const })

/** The event bus of a running service: the gate decides, the batcher stores. */
export class QueueEventBus implements EventBus {
  readonly #gate: AdmissionGate
  readonly #batcher: EventBatcher

  constructor (gate: AdmissionGate, batcher: EventBatcher) {
    this.#gate = gate
    this.#batcher = batcher
  }

  async publish (event: QueuedEvent, bytes = 0): Promise<Publication> {
    const offer = this.offer(event, bytes)
    if (!(offer instanceof Promise)) return { accepted: false, refusal: offer }
    try {
      await offer
      return ACCEPTED
    } catch (error) {
      return { accepted: false, refusal: this.refusalOf(error, event.priority) }
    }
  }

  /**
   * The same for many events at once: answers the refusal, or the promise of the batch that the event went into. Events of
   * one batch share their promise, so a thousand events cost a few promises. It rejects when the batch could not be stored;
   * `refusalOf` tells what to answer then.
   */
  offer (event: QueuedEvent, bytes: number): Refusal | Promise<void> {
    const decision = this.#gate.admit(event.priority)
    return decision.admitted ? this.#batcher.add(event, bytes) : decision
  }

  /** What to answer for an event whose batch could not be stored. */
  refusalOf (error: unknown, priority: number): Refusal {
    const isOutOfMemory = error instanceof Error && error.message.includes('OOM')
    return this.#gate.refuseUnstored(priority, isOutOfMemory ? 'queue-full' : 'queue-unavailable')
  }
}
