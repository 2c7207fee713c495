import { SPOOL_UNAVAILABLE, type AdmissionGate } from '../admission/gate.ts'
import { priorityClass, type PriorityClass } from '../backpressure/priority-class.ts'
import type { QueuedEvent } from '../event/event.ts'
import type { DoorLedger } from '../ledger/door-ledger.ts'
import type { BatchEnd, EventBatcher } from '../queue/batcher.ts'
import { isReply } from '../redis/outage.ts'
import { SpoolError } from '../spool/spool-error.ts'
import type { EventBus, Offering, Publication } from './event-bus.ts'
import type { StoredBatch } from './stored-batch.ts'

export interface EventBusOptions {
  gate: AdmissionGate
  door: DoorLedger
  /** Told of the type of every event that is offered. */
  types: { note: (type: string) => void }
  /** One batcher for each store that events are sent to. */
  queued: EventBatcher<StoredBatch>
  synced: EventBatcher<StoredBatch>
  spooled: EventBatcher<StoredBatch>
  /** The id that a remembered event in the spool was answered with; the queue knows its own. */
  spooledId: (key: string) => string | undefined
  /** Told what became of an event that belongs to a trace. */
  onTraced?: (event: QueuedEvent, publication: Publication) => void
}

/** Told once what became of an event. */
export type Settle = (publication: Publication) => void

/** An event that repeats one on its way to a store. */
interface Follower {
  readonly event: QueuedEvent
  readonly settle: Settle
}

const IN_FLIGHT: Publication = Object.freeze({ status: 'in-flight' as const })

/** The event bus of a running service: the gate decides, a batcher stores, the door's ledger notes what became of it. */
export class QueueEventBus implements EventBus {
  readonly #options: EventBusOptions
  /** Keys of the events between offer and store, with those that repeat each of them: its fate is theirs. */
  readonly #inFlight = new Map<string, Follower[]>()
  readonly #following: Record<PriorityClass, number> = { critical: 0, normal: 0, low: 0 }

  constructor (options: EventBusOptions) {
    this.#options = options
  }

  /** Events that wait for another one like them. */
  get following (): Readonly<Record<PriorityClass, number>> { return this.#following }

  publish (event: QueuedEvent, offering: Offering = {}): Promise<Publication> {
    return new Promise((resolve) => { this.submit(event, offering, resolve) })
  }

  /**
   * The same without a promise, of which a thousand events would need a thousand: calls back when it is known what became of
   * the event, at once when it is refused. `settle` must not throw: the events of a batch are told one after the other.
   */
  submit (event: QueuedEvent, { bytes = 0, key, text, durability = 'queued', mayFollow = false }: Offering, settle: Settle): void {
    const { gate, door, types } = this.#options
    const { priority } = event
    door.receive(priority)
    types.note(event.type)
    const like = key === undefined ? undefined : this.#inFlight.get(key)
    if (like !== undefined) {
      if (mayFollow) this.#follow(like, { event, settle })
      else this.#end('duplicate', event, IN_FLIGHT, settle)
      return
    }
    const spooledId = key === undefined ? undefined : this.#options.spooledId(key)
    if (spooledId !== undefined) {
      this.#end('duplicate', event, { status: 'duplicate', id: event.id || spooledId }, settle)
      return
    }
    const route = gate.admit(priority, durability === 'spooled')
    if (typeof route !== 'string') {
      this.#end('shed', event, { status: 'shed', refusal: route }, settle)
      return
    }
    const followers = key === undefined ? undefined : this.#opened(key)
    const batcher = route === 'spool' ? this.#options.spooled : this.#options[durability]
    batcher.add(event, { bytes, key, text }, (end) => {
      this.#settle(end, event, undefined, event, settle)
      for (const follower of followers ?? []) this.#settleFollower(end, event, follower)
    })
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

  #opened (key: string): Follower[] {
    const followers: Follower[] = []
    this.#inFlight.set(key, followers)
    return followers
  }

  #follow (like: Follower[], follower: Follower): void {
    this.#following[priorityClass(follower.event.priority)]++
    like.push(follower)
  }

  #settleFollower (end: BatchEnd<StoredBatch>, first: QueuedEvent, { event, settle }: Follower): void {
    this.#following[priorityClass(event.priority)]--
    this.#settle(end, first, first.id, event, settle)
  }

  /**
   * @param stored the event that was in the batch
   * @param repeatedId the id of that, where it is not the one to be told of but one that it repeats
   * @param event the one to be told of
   */
  #settle (end: BatchEnd<StoredBatch>, stored: QueuedEvent, repeatedId: string | undefined, event: QueuedEvent, settle: Settle): void {
    if (!end.isStored) {
      this.#end('shed', event, { status: 'shed', refusal: this.#options.gate.refuseUnstored(event.priority, reasonOf(end.error), isInDoubt(end.error)) }, settle)
      return
    }
    const { durability, repeats } = end.result
    const id = repeats.get(stored) ?? repeatedId
    if (id !== undefined) this.#end('duplicate', event, { status: 'duplicate', id }, settle)
    else this.#end(durability === 'spooled' ? 'spooled' : 'enqueued', event, { status: 'accepted', durability }, settle)
  }

  #end (outcome: 'duplicate' | 'shed' | 'spooled' | 'enqueued', event: QueuedEvent, publication: Publication, settle: Settle): void {
    this.#options.door.settle(outcome, event.priority)
    if (event.trace !== undefined) this.#options.onTraced?.(event, publication)
    settle(publication)
  }
}

function reasonOf (error: unknown): string {
  if (error instanceof SpoolError) return SPOOL_UNAVAILABLE
  return error instanceof Error && error.message.includes('OOM') ? 'queue-full' : 'queue-unavailable'
}

/** Redis said no, the disk said no, or nothing was sent at all; otherwise the write may still have landed. */
function isInDoubt (error: unknown): boolean {
  return !(error instanceof SpoolError) && !isReply(error) && !(error instanceof Error && error.message.startsWith("Stream isn't writeable"))
}
