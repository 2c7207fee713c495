import { QUEUE_FULL, SPOOL_UNAVAILABLE, type AdmissionGate } from '../admission/gate.ts'
import { eventOffer } from '../admission/offer.ts'
import { Permit, type Settlement } from '../admission/permit.ts'
import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'
import { UNLIMITED, type Rights } from '../admission/rights.ts'
import type { Durability } from '../event/durability.ts'
import type { QueuedEvent } from '../event/event.ts'
import { dropValue } from '../event/event-json.ts'
import { epochMsOf } from '../event/expiry.ts'
import { conflictingFields, type StoredIdentity } from '../event/identity-conflict.ts'
import { textDigest } from '../event/text-digest.ts'
import type { BatchEnd } from './open-batches.ts'
import type { Batchers } from './batchers.ts'
import { isWithoutRoom } from '../queue/batch-addition.ts'
import { UnconfirmedError } from '../queue/unconfirmed-error.ts'
import { SpoolError } from '../spool/spool-error.ts'
import type { EventBus, Offering, Publication } from './event-bus.ts'
import type { StoredBatch } from './stored-batch.ts'

export interface EventBusOptions {
  gate: AdmissionGate
  batchers: Batchers
  /** Returns the event with this key in the spool; the queue knows its own events. */
  spooledEvent: (key: string) => StoredIdentity | undefined
  /** Called with the result of an event that belongs to a trace. */
  onTraced?: (event: QueuedEvent, publication: Publication) => void
  /** Called with every accepted event; `text` is its posted JSON if it is stored unchanged. */
  onAccepted?: (event: QueuedEvent, text: string | undefined) => void
}

/** Called once with the result of an event. */
export type Settle = (publication: Publication) => void

/** An event that repeats one that is being stored. */
interface Follower {
  readonly event: QueuedEvent
  readonly permit: Permit
  readonly settle: Settle
}

/** An event that is being stored, with its repetitions, which share its outcome. */
interface Flight {
  readonly event: QueuedEvent
  readonly followers: Follower[]
}

const IN_FLIGHT: Publication = Object.freeze({ status: 'in-flight' as const })
const SAMPLED: Publication = Object.freeze({ status: 'sampled' as const })

/** The event bus of a running service: the gate decides, a batcher stores, and the permit is settled. */
export class QueueEventBus implements EventBus {
  readonly #options: EventBusOptions
  /** The events between offer and store that have a key. */
  readonly #inFlight = new Map<string, Flight>()
  readonly #following: Record<PriorityClass, number> = { critical: 0, normal: 0, low: 0 }

  constructor (options: EventBusOptions) {
    this.#options = options
  }

  /** Offered events that are not yet stored or refused, by class, including repetitions. */
  get pending (): Record<PriorityClass, number> {
    const pending = this.#options.batchers.unwritten
    for (const name of PRIORITY_CLASSES) pending[name] += this.#following[name]
    return pending
  }

  /** Resolves when nothing is waiting to be stored. */
  async drain (): Promise<void> {
    await this.#options.batchers.drain()
  }

  publish (event: QueuedEvent, offering: Offering = {}): Promise<Publication> {
    return new Promise((resolve) => { this.submit(event, offering, resolve) })
  }

  /**
   * Publishes without a promise: a thousand events would need a thousand. `settle` must not throw: a batch calls all of
   * its events' callbacks in turn.
   */
  submit (
    event: QueuedEvent,
    {
      bytes = 0, producer, key, text, durability = 'queued', isPatient = false, mayFollow = false, isInternal = false
    }: Offering,
    settle: Settle
  ): void {
    const { gate, spooledEvent } = this.#options
    dropValue(event, text)
    const offer = eventOffer(event, bytes, isInternal, gate.draw(), expiryOf(event), producer)
    const like = key === undefined ? undefined : this.#inFlight.get(key)
    if (like !== undefined) {
      const permit = gate.repeat(offer)
      // A contradicting event also waits for the first one, and then gets a conflict: a retry could not succeed.
      if (mayFollow || conflictingFields(identityOf(like.event), event).length > 0)
        this.#follow(like.followers, { event, permit, settle })
      else this.#end('duplicate', permit, event, IN_FLIGHT, settle)
      return
    }
    const spooled = key === undefined ? undefined : spooledEvent(key)
    if (spooled !== undefined) {
      this.#repeat(spooled, gate.repeat(offer), event, settle, 'spooled')
      return
    }
    const sampleWeight = gate.weightOf(offer, event.sampleKey ?? (event.id === '' ? key : event.id))
    const permit = gate.admit(offer, durability === 'spooled', sampleWeight === undefined)
    if (!(permit instanceof Permit)) {
      this.#tell(event, { status: 'refused', refusal: permit }, settle)
      return
    }
    if (permit.route === 'sampled') {
      this.#end('sampled', permit, event, SAMPLED, settle)
      return
    }
    if (sampleWeight !== undefined && sampleWeight > 1) event.sampleWeight = sampleWeight
    const followers = key === undefined ? undefined : this.#opened(key, event)
    const level = permit.route === 'spool' ? 'spooled' : durability
    this.#options.batchers.of(level, isPatient).add(event, { bytes, key, text, mostDepth: permit.mostDepth }, (end) => {
      if (key !== undefined) this.#inFlight.delete(key)
      if (permit.route === 'queue' && !end.isStored && !end.isWritten) gate.inTransit.recordOut(1, bytes)
      this.#settle(end, event, permit, event, settle, text)
      for (const follower of followers ?? []) this.#settleFollower(end, event, follower)
    })
  }

  /** Counts an invalid event of a producer. */
  refuseInvalid ({ organizationId }: Pick<Rights, 'organizationId'> = UNLIMITED): void {
    this.#options.gate.countInvalid(organizationId)
  }

  #opened (key: string, event: QueuedEvent): Follower[] {
    const followers: Follower[] = []
    this.#inFlight.set(key, { event, followers })
    return followers
  }

  #follow (followers: Follower[], follower: Follower): void {
    this.#following[follower.permit.offer.priorityClass]++
    followers.push(follower)
  }

  #settleFollower (end: BatchEnd<StoredBatch>, first: QueuedEvent, { event, permit, settle }: Follower): void {
    this.#following[permit.offer.priorityClass]--
    this.#settle(end, first, permit, event, settle)
  }

  /** @param first the event in the batch; `event` is the same, or repeats it */
  #settle (
    end: BatchEnd<StoredBatch>,
    first: QueuedEvent,
    permit: Permit,
    event: QueuedEvent,
    settle: Settle,
    text?: string
  ): void {
    if (!end.isStored) {
      if (isWithoutRoom(end.error)) {
        this.#tell(event, { status: 'refused', refusal: this.#options.gate.refuseWithoutRoom(permit) }, settle)
        return
      }
      this.#options.gate.recordFailure(end.error)
      // Only the first event may be stored: this holds for its repetitions too, but not for contradicting events.
      const isRepetition = conflictingFields(identityOf(first), event).length === 0
      const mayBeStored = end.isWritten && end.error instanceof UnconfirmedError && isRepetition
      const refusal = this.#options.gate.refuseUnstored(permit, reasonOf(end.error), mayBeStored)
      this.#tell(event, { status: 'refused', refusal }, settle)
      return
    }
    const { durability, repeats } = end.result
    const repeated = repeats.get(first) ?? (event === first ? undefined : identityOf(first))
    if (repeated !== undefined) {
      this.#repeat(repeated, permit, event, settle, durability)
      return
    }
    this.#options.onAccepted?.(event, text)
    this.#end(
      durability === 'spooled' ? 'spooled' : 'enqueued',
      permit,
      event,
      { status: 'accepted', durability },
      settle
    )
  }

  #repeat (
    stored: StoredIdentity, permit: Permit, event: QueuedEvent, settle: Settle, durability: Durability
  ): void {
    const errors = conflictingFields(stored, event)
    const level = durability === 'spooled' && { durability }
    if (errors.length > 0) this.#end('invalid', permit, event, { status: 'conflict', errors }, settle)
    else this.#end('duplicate', permit, event, { status: 'duplicate', id: stored.id, ...level }, settle)
  }

  #end (
    settlement: Settlement, permit: Permit, event: QueuedEvent, publication: Publication, settle: Settle
  ): void {
    permit.settle(settlement)
    this.#tell(event, publication, settle)
  }

  #tell (event: QueuedEvent, publication: Publication, settle: Settle): void {
    if (event.trace !== undefined) this.#options.onTraced?.(event, publication)
    settle(publication)
  }
}

function identityOf ({ id, priority, type }: QueuedEvent): StoredIdentity {
  return { id, priority, typeDigest: textDigest(type) }
}

function expiryOf ({ expiresAt }: QueuedEvent): number | undefined {
  return expiresAt === undefined ? undefined : epochMsOf(expiresAt)
}

function reasonOf (error: unknown): string {
  if (error instanceof SpoolError) return SPOOL_UNAVAILABLE
  return error instanceof Error && error.message.includes('OOM') ? QUEUE_FULL : 'queue-unavailable'
}
