import { randomUUID } from 'node:crypto'
import { InTransit } from '../admission/in-transit.ts'
import type { Redis } from 'ioredis'
import { MEMBER_LIFE_MS, MOST_MEMBERS, MOST_RECORD_BYTES, type Member } from '../fleet/member.ts'
import type { Imbalance } from '../ledger/balance.ts'
import { Scripts } from '../redis/scripts.ts'
import type { Bound } from './batch-addition.ts'
import { FIRST_SHARD, type Batch } from './batch.ts'
import type { BatchJob } from './bullmq/batch-job.ts'
import type { BatchTrace } from './bullmq/batch-trace.ts'
import { BatchWorker, type BatchProcessor, type BatchWorkerOptions } from './bullmq/batch-worker.ts'
import { CircuitKeeper } from './circuit-keeper.ts'
import { QueueKeys } from './keys.ts'
import type { QueueReading } from './reading.ts'
import type { Rebase } from './rebases.ts'
import type { Remembered, Repeat } from './remembered.ts'
import type { Repair } from './repair.ts'
import { Shard, type Known, type RequeueOptions, type ShardOptions } from './shard.ts'

/** How long a silent process may return and repeat its last booking without doubling it. */
const BOOKING_NUMBER_LIFE_MS = 86_400_000

/** Counts at admission in this process by field, to be added to those of the others. */
export type AdmissionCounts = Readonly<Record<string, number>>

export interface Announcement {
  readonly member: Member
  /** Whether the other processes should read it immediately. */
  readonly isNews?: boolean
  /** The findings of the process, for those that start later. */
  readonly learned?: string | undefined
}

/** The parts of a sample that depend on the process that takes it. */
export interface SampleOptions {
  /** Replaces the record of this process. */
  announcement?: Announcement | undefined
  /** Returns the counts at admission since its last call; they are booked once, however many calls it takes. */
  takeCounts?: () => AdmissionCounts
  /** The fingerprint of the known settings, which the reading omits. */
  knownSettings?: string
}

/**
 * The queue as the rest of the code sees it: all shards, addressed by the ids of batches. One shard holds the data that
 * exists once: the fleet, the control record, counts at admission, settings, dead letters.
 */
export class Shards {
  /** The keys of data that exists once. */
  readonly keys: QueueKeys
  /** Repairs those keys. */
  readonly repair: Repair
  /** Moves the circuit that all replicas share. */
  readonly circuit: CircuitKeeper
  /**
   * Admitted events that no reading contains yet. Events get their shard with their batch, and all shards are read in
   * one turn, so one count covers all of them.
   */
  readonly inTransit = new InTransit()
  readonly #redis: Redis
  readonly #shard: Shard
  readonly #scripts: Scripts<'report'>
  readonly #processId = randomUUID()
  /** The counts that the last unanswered call tried to book, with its number. */
  #known: Pick<Known, 'fleet' | 'fleetChanges'> = { fleet: { members: [], skipped: 0 }, fleetChanges: '' }
  #booking: { number: number, counts: AdmissionCounts } = { number: 0, counts: {} }

  /** @param redis a connection made by connectForCommands; it stays open when this is closed */
  constructor (redis: Redis, namespace: string, options: ShardOptions, onError: (error: Error) => void) {
    this.#redis = redis
    this.#shard = new Shard(redis, new QueueKeys(namespace, FIRST_SHARD), options, onError)
    this.#scripts = new Scripts(redis, import.meta.url, { report: 4 })
    this.keys = this.#shard.keys
    this.repair = this.#shard.repair
    this.circuit = new CircuitKeeper(redis, this.keys, this.repair)
    this.repair.watch([
      { key: this.keys.fleet, type: 'hash' },
      { key: this.keys.lastBooking(this.#processId), type: 'string', numbers: 'value' }
    ])
  }

  /** Returns the shard of a batch, or of a foreign job. */
  of (_batchId: string): Shard { return this.#shard }

  /** Returns the number of the shard for an event with or without a key. Events with the same key share a shard. */
  shardOf (_key?: string): number { return FIRST_SHARD }

  /** The keys of each shard. */
  get keysOfShards (): readonly QueueKeys[] { return [this.#shard.keys] }

  /**
   * Adds a batch of new events. Resolves when Redis has confirmed all of it, with the repeated events, which are not
   * added again. If the connection breaks, it tries once more on the next one: the batch keeps its id, so a first try
   * that succeeded is not repeated.
   *
   * @throws UnconfirmedError if the batch may have been added nevertheless, or an error that `isWithoutRoom` recognizes
   *   if the queue has no room for it, as rejections
   * @param onSent called when the batch is sent: readings requested later contain it
   * @param needsSync fails with NOT_SYNCED, and stores nothing, if Redis writes no append-only file
   */
  async add (batch: Batch, onSent?: () => void, needsSync = false): Promise<readonly Repeat[]> {
    return await this.of(batch.id).add(batch, { onSent, needsSync })
  }

  /**
   * The same for batches of one priority that become one job in each shard (see merge). Their events were answered 202
   * before a check of their identities was possible. So an event that contradicts a stored one with the same identity
   * is also stored: a 202 cannot be revoked. The batches are placed before later events of their priority. Batches that
   * are in the queue already are not added again.
   *
   * @param bound holds for the queue with all of them in it
   */
  async addMerged (batches: readonly Batch[], bound: Bound = {}, onSent?: () => void): Promise<void> {
    const parts = Map.groupBy(batches, ({ id }) => this.of(id))
    await Promise.all([...parts].map(([shard, own]) => shard.addMerged(own, bound, onSent)))
  }

  /**
   * Puts events of a batch in work back as a batch of their own, to run after `delayMs`.
   *
   * @throws LockLostError
   */
  async requeue (batch: Batch, delayMs: number, parentId: string, options?: RequeueOptions): Promise<void> {
    await this.of(batch.id).requeue(batch, delayMs, parentId, options)
  }

  /** Returns the state of a batch. */
  async trace (batchId: string): Promise<BatchTrace> { return await this.of(batchId).trace(batchId) }

  /** Returns the remembered event of the first known digest. */
  async remembered (digests: readonly string[]): Promise<Remembered | undefined> {
    return await this.#shard.remembered(digests)
  }

  /** Opens a worker of all shards on a connection made by connectForWorker. */
  openWorker (connection: Redis, process: BatchProcessor, options: BatchWorkerOptions): BatchWorker {
    return new BatchWorker(connection, this.#shard.keys, process, options)
  }

  /**
   * Makes the first batch behind this rank the next one, before all others; does nothing while another one is first.
   */
  async passTurn (rank: number): Promise<void> { await this.#shard.passTurn(rank) }

  /** Returns jobs that BullMQ gave up on, from the first index to the last, including foreign jobs. */
  async failedJobs (first: number, last: number): Promise<BatchJob[]> {
    return await this.#shard.failedJobs(first, last)
  }

  /** Repairs damaged keys and sets unreadable jobs aside. */
  async mend (): Promise<void> { await this.#shard.mend() }

  /** Makes all workers take no further batch for this long, or for the rest of a longer pause. */
  async pauseFor (milliseconds: number): Promise<void> { await this.#shard.pauseFor(milliseconds) }

  /** Ends that pause early. */
  async endPause (): Promise<void> { await this.#shard.endPause() }

  /** Makes all workers take no further batch until they are resumed; batches in progress are completed. */
  async pause (): Promise<void> { await this.#shard.pause() }

  /** Ends all pauses of the workers. */
  async resume (): Promise<void> { await this.#shard.resume() }

  /** Whether the next sample should follow immediately: there is more to settle than one sample settles. */
  get isBehind (): boolean { return this.#shard.isBehind }

  /** Announces this process, settles finished jobs if this process has to, and reads. */
  async sample ({ announcement, takeCounts, knownSettings = '' }: SampleOptions = {}): Promise<QueueReading> {
    await this.#shard.recountWhenDue()
    const reported = this.#report(announcement, takeCounts)
    this.inTransit.beginReading()
    const sampled = this.#shard.sample({
      ...this.#known, settings: knownSettings, isAnnounced: announcement !== undefined
    })
    await Promise.allSettled([reported, sampled])
    const removed = await reported
    const reading = await sampled
    // A fleet that has not changed stays the same object, so listeners need not look at it again.
    const fleet = removed === 0 ? reading.fleet : { ...reading.fleet, skipped: reading.fleet.skipped + removed }
    if (fleet.skipped > 0) this.repair.report({ key: this.keys.fleet, entry: 'a process' })
    this.#known = { fleet: reading.fleet, fleetChanges: reading.control.fleet ?? '' }
    return { ...reading, fleet }
  }

  /** Returns the number of broken records that were removed from the fleet. */
  async #report (announcement: Announcement | undefined, takeCounts: SampleOptions['takeCounts']): Promise<number> {
    // First repeats a booking without an answer under its old number: it may have been booked.
    const isRepeat = Object.keys(this.#booking.counts).length > 0
    if (!isRepeat) this.#booking = { number: this.#booking.number + 1, counts: takeCounts?.() ?? {} }
    const { number, counts } = this.#booking
    if (announcement === undefined && Object.keys(counts).length === 0) return 0
    const removed = await this.repair.guard(() => this.#scripts.run('report', [
      this.keys.ledger, this.keys.lastBooking(this.#processId), this.keys.fleet, this.keys.control,
      number, BOOKING_NUMBER_LIFE_MS,
      announcement?.member.id ?? '', announcement === undefined ? '' : JSON.stringify(announcement.member),
      MEMBER_LIFE_MS, MOST_MEMBERS, MOST_RECORD_BYTES, announcement?.isNews === true ? 1 : 0,
      announcement?.learned ?? '',
      ...Object.entries(counts).flat()
    ]))
    this.#booking = { number, counts: {} }
    return removed as number
  }

  /** Corrects the ledger to match the jobs. Returns the difference in events; -1 if there are too many jobs. */
  async recount (): Promise<number> { return await this.#shard.recount() }

  /** Writes off the differences of the ledger, and returns them by side; records nothing if there are none. */
  async rebase (reason: string, by: string): Promise<Imbalance> {
    return await this.#shard.rebases.book(reason, by)
  }

  /** Returns the latest written-off differences, latest first. */
  async latestRebases (): Promise<Rebase[]> { return await this.#shard.rebases.latest() }

  /** Removes a process from the fleet immediately, before its record expires. */
  async removeMember (id: string): Promise<void> {
    await this.repair.guard(async () => {
      if (await this.#redis.hdel(this.keys.fleet, id) === 1) await this.#redis.hincrby(this.keys.control, 'fleet', 1)
    })
  }

  async close (): Promise<void> { await this.#shard.close() }
}
