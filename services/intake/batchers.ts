import { isOutage, isReply } from '../redis/outage.ts'
import { priorityClass, type PriorityClass } from '../admission/priority-class.ts'
import type { InTransit, OnSent } from '../admission/in-transit.ts'
import type { Durability } from '../event/durability.ts'
import type { Batch } from '../queue/batch.ts'
import type { FairOrder } from '../organizations/fair-order.ts'
import { SyncUnsupportedError } from '../queue/synced-queue.ts'
import { SpoolError } from '../spool/spool-error.ts'
import type { BatchStore } from './batch-store.ts'
import { EventBatcher, type BatcherOptions } from './batcher.ts'
import { patientWrite, type PatienceOptions } from './patient-write.ts'
import type { StoredBatch } from './stored-batch.ts'

/** Most bytes that wait for an unavailable queue; events beyond it are refused as soon as their write fails. */
const MOST_PATIENT_BYTES = 67_108_864

export interface BatchersOptions {
  store: Pick<BatchStore, 'queued' | 'synced' | 'spooled'>
  /** Learns when admitted events are sent to the queue. */
  inTransit: Pick<InTransit, 'whileSending'>
  /** Returns the shard of an event with this key, or without one. */
  shardOf: BatcherOptions<StoredBatch>['shardOf']
  maxEvents: number
  maxBytes: number
  /** Absent if workers take batches in the order in which they come. */
  fairOrder?: FairOrder
  /** How the batches of patient senders wait for an unavailable queue. */
  patience: Omit<PatienceOptions, 'isAbsence'>
}

type QueueWrite = (batch: Batch, onSent: OnSent) => Promise<StoredBatch>

/** The batchers of a process: one for each level of durability, each for patient and for other senders. */
export class Batchers {
  readonly #options: BatchersOptions
  readonly #eager: Readonly<Record<Durability, EventBatcher<StoredBatch>>>
  readonly #patient: Readonly<Record<'queued' | 'synced', EventBatcher<StoredBatch>>>

  constructor (options: BatchersOptions) {
    this.#options = options
    const { store, patience } = options
    const queued: QueueWrite = (batch, onSent) => store.queued(batch, onSent)
    const synced: QueueWrite = (batch, onSent) => store.synced(batch, onSent)
    this.#eager = {
      queued: this.#toQueue(queued), synced: this.#toQueue(synced), spooled: this.#to((batch) => store.spooled(batch))
    }
    const isPatient = { ...patience, isAbsence }
    this.#patient = {
      queued: this.#toQueue(patientWrite(queued, isPatient)), synced: this.#toQueue(patientWrite(synced, isPatient))
    }
  }

  /** Returns the batcher for events at this level of durability. */
  of (durability: Durability, isPatient: boolean): EventBatcher<StoredBatch> {
    const { queued, synced } = this.#patient
    const mayWait = isPatient && queued.unwrittenBytes + synced.unwrittenBytes < MOST_PATIENT_BYTES
    return mayWait && durability !== 'spooled' ? this.#patient[durability] : this.#eager[durability]
  }

  /** Added events that are not yet stored or refused, by class. */
  get unwritten (): Record<PriorityClass, number> {
    const sums = { critical: 0, normal: 0, low: 0 }
    for (const { unwrittenByPriority } of this.#all) {
      for (const [priority, events] of unwrittenByPriority.entries()) sums[priorityClass(priority)] += events
    }
    return sums
  }

  /** Resolves when nothing is waiting or in flight. */
  async drain (): Promise<void> {
    await Promise.all(this.#all.map((batcher) => batcher.drain()))
  }

  get #all (): EventBatcher<StoredBatch>[] { return [...Object.values(this.#eager), ...Object.values(this.#patient)] }

  #toQueue (write: QueueWrite): EventBatcher<StoredBatch> {
    const { inTransit } = this.#options
    return this.#to((batch, bytes) =>
      inTransit.whileSending(batch.events.length, bytes, (onSent) => write(batch, onSent)))
  }

  #to (write: (batch: Batch, bytes: number) => Promise<StoredBatch>): EventBatcher<StoredBatch> {
    const { shardOf, maxEvents, maxBytes, fairOrder } = this.#options
    return new EventBatcher({ shardOf, maxEvents, maxBytes, fairOrder, write, isOutage: (error) => !isReply(error) })
  }
}

/** Whether the error means that the queue is unavailable, and not that it is full. */
function isAbsence (error: unknown): boolean {
  return (
    isOutage(error) &&
    !(error instanceof SpoolError || error instanceof SyncUnsupportedError || (error as Error).message.includes('OOM'))
  )
}
