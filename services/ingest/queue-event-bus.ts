import { SPOOL_UNAVAILABLE, type AdmissionGate } from '../admission/gate.ts'
import type { Refusal } from '../backpressure/decision.ts'
import { priorityClass, type PriorityClass } from '../backpressure/priority-class.ts'
import type { QueuedEvent } from '../event/event.ts'
import type { DoorLedger } from '../ledger/door-ledger.ts'
import type { EventBatcher } from '../queue/batcher.ts'
import { SpoolError } from '../spool/spool-error.ts'
import type { EventBus, Offering, Publication } from './event-bus.ts'
import type { StoredBatch } from './stored-batch.ts'

/** An event that is on its way to a store. Events of one batch share the promise, so a thousand events cost a few promises. */
export interface PendingEvent {
  readonly event: QueuedEvent
  /** Rejects when the batch could not be stored. */
  readonly stored: Promise<StoredBatch>
  /** The event in flight that this one repeats; its fate is this one's. */
  readonly repeats?: QueuedEvent
}

export interface EventBusOptions {
  gate: AdmissionGate
  door: DoorLedger
  /** One batcher for each store that events are sent to. */
  queued: EventBatcher<StoredBatch>
  synced: EventBatcher<StoredBatch>
  spooled: EventBatcher<StoredBatch>
  /** The id that a remembered event in the spool was answered with; the queue knows its own. */
  spooledId: (key: string) => string | undefined
}

const IN_FLIGHT: Publication = Object.freeze({ status: 'in-flight' as const })

/** The event bus of a running service: the gate decides, a batcher stores, the door's ledger notes what became of it. */
export class QueueEventBus implements EventBus {
  readonly #options: EventBusOptions
  /** Events with a key between offer and store. */
  readonly #inFlight = new Map<string, PendingEvent>()
  readonly #following: Record<PriorityClass, number> = { critical: 0, normal: 0, low: 0 }

  constructor (options: EventBusOptions) {
    this.#options = options
  }

  /** Events that wait for another one like them. */
  get following (): Readonly<Record<PriorityClass, number>> { return this.#following }

  async publish (event: QueuedEvent, offering: Offering = {}): Promise<Publication> {
    const { door } = this.#options
    if (offering.key !== undefined && this.#inFlight.has(offering.key)) {
      door.receive(event.priority)
      door.settle('duplicate', event.priority)
      return IN_FLIGHT
    }
    const offer = this.offer(event, offering)
    if (!('stored' in offer)) return offer
    try {
      return this.confirm(offer, await offer.stored)
    } catch (error) {
      return { status: 'shed', refusal: this.refuse(offer, error) }
    }
  }

  /**
   * The same for many events at once: answers what became of the event when that is known at once, else the event with the
   * promise of its batch. Once that is settled, `confirm` or `refuse` says what became of the event, and has to be called.
   */
  offer (event: QueuedEvent, { bytes = 0, key, durability = 'queued' }: Offering): Publication | PendingEvent {
    const { gate, door } = this.#options
    const { priority } = event
    door.receive(priority)
    const first = key === undefined ? undefined : this.#inFlight.get(key)
    if (first !== undefined) {
      this.#following[priorityClass(priority)]++
      return { event, stored: first.stored, repeats: first.event }
    }
    const spooledId = key === undefined ? undefined : this.#options.spooledId(key)
    if (spooledId !== undefined) {
      door.settle('duplicate', priority)
      return { status: 'duplicate', id: event.id || spooledId }
    }
    const route = gate.admit(priority, durability === 'spooled')
    if (typeof route !== 'string') {
      door.settle('shed', priority)
      return { status: 'shed', refusal: route }
    }
    const batcher = route === 'spool' ? this.#options.spooled : this.#options[durability]
    const pending: PendingEvent = { event, stored: batcher.add(event, bytes, key) }
    if (key !== undefined) this.#inFlight.set(key, pending)
    return pending
  }

  /** What became of an event whose batch was stored. */
  confirm ({ event, repeats }: PendingEvent, { durability, repeats: known }: StoredBatch): Publication {
    const { door } = this.#options
    const stored = repeats ?? event
    const knownId = known.get(stored)
    if (repeats !== undefined) this.#following[priorityClass(event.priority)]--
    if (knownId !== undefined || repeats !== undefined) {
      door.settle('duplicate', event.priority)
      return { status: 'duplicate', id: knownId ?? stored.id }
    }
    door.settle(durability === 'spooled' ? 'spooled' : 'enqueued', event.priority)
    return { status: 'accepted', durability }
  }

  /** The refusal of an event whose batch could not be stored. */
  refuse ({ event, repeats }: PendingEvent, error: unknown): Refusal {
    if (repeats !== undefined) this.#following[priorityClass(event.priority)]--
    this.#options.door.settle('shed', event.priority)
    return this.#options.gate.refuseUnstored(event.priority, reasonOf(error))
  }

  /** Counts an event that is not valid. */
  refuseInvalid (): void {
    this.#options.door.receive()
    this.#options.door.settle('invalid')
  }

  /** Events with these keys are stored, or are not: a further post of them is no longer told to wait. */
  release (keys: readonly (string | null)[] | undefined): void {
    for (const key of keys ?? []) if (key !== null) this.#inFlight.delete(key)
  }
}

function reasonOf (error: unknown): string {
  if (error instanceof SpoolError) return SPOOL_UNAVAILABLE
  return error instanceof Error && error.message.includes('OOM') ? 'queue-full' : 'queue-unavailable'
}
