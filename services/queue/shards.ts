import { randomUUID } from 'node:crypto'
import { InTransit } from '../admission/in-transit.ts'
import type { Redis } from 'ioredis'
import { MEMBER_LIFE_MS, MOST_MEMBERS, MOST_RECORD_BYTES, type Member } from '../fleet/member.ts'
import type { Imbalance } from '../ledger/balance.ts'
import { Scripts } from '../redis/scripts.ts'
import { FIRST_SHARD, type Batch } from './batch.ts'
import type { BatchJob } from './bullmq/batch-job.ts'
import type { BatchTrace } from './bullmq/batch-trace.ts'
import { BatchWorker, type BatchProcessor, type BatchWorkerOptions } from './bullmq/batch-worker.ts'
import { QueueKeys } from './keys.ts'
import type { QueueReading } from './reading.ts'
import type { Rebase } from './rebases.ts'
import type { Remembered, Repeat } from './remembered.ts'
import type { Repair } from './repair.ts'
import { Shard, type Known, type RequeueOptions, type ShardOptions } from './shard.ts'

/** How long a process that went silent may come back and repeat its last booking without doubling it. */
const BOOKING_NUMBER_LIFE_MS = 86_400_000

/** Amounts by field of what happened at admission in this process, to be added to those of the others. */
export type AdmissionCounts = Readonly<Record<string, number>>

export interface Announcement {
  readonly member: Member
  /** Whether it says something that the others should know at once. */
  readonly isNews?: boolean
}

/** The parts of a sample that depend on the process that takes it. */
export interface SampleOptions {
  /** Puts a record of this process in place of the one before. */
  announcement?: Announcement | undefined
  /** Hands over what happened at admission since it was last asked; booked once, however many calls it takes. */
  takeCounts?: () => AdmissionCounts
  /** The fingerprint of the settings that need not be answered. */
  knownSettings?: string
}

/**
 * The queue as the rest of the code has it: as many shards as there are, behind the ids of batches. One of them keeps
 * for all what there is once: the fleet, the control record, counts at admission, settings, dead letters.
 */
export class Shards {
  /** For what the service keeps once. */
  readonly keys: QueueKeys
  /** For who reads those keys. */
  readonly repair: Repair
  /**
   * Admitted events that no reading has yet. They get their shard with their batch, and all shards are read in one
   * turn: one count does for all of them.
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
    this.repair.watch([
      { key: this.keys.fleet, type: 'hash' },
      { key: this.keys.control, type: 'hash', numbers: ['resets'] },
      { key: this.keys.lastBooking(this.#processId), type: 'string', numbers: 'value' }
    ])
  }

  /** The shard of a batch, or of a job of somebody else. */
  of (_batchId: string): Shard { return this.#shard }

  /** The number of the shard for an event with this key, or without one. Events with the same key have the same. */
  shardOf (_key?: string): number { return FIRST_SHARD }

  /** The keys of each shard. */
  get keysOfShards (): readonly QueueKeys[] { return [this.#shard.keys] }

  /**
   * Adds a batch of new events. Resolves when Redis has confirmed all of it, with those of its events that were in the
   * queue before and are not added again. If the connection breaks meanwhile it is tried once more on the next one: the
   * batch keeps its id, so a first try that did land is not repeated.
   *
   * @throws UnconfirmedError when it may have been added all the same, as a rejection
   * @param onSent called when the batch goes out: a reading that is asked for from then on has it
   * @param needsSync fails with NOT_SYNCED, and stores nothing, when Redis writes no append-only file
   */
  async add (batch: Batch, onSent?: () => void, needsSync = false): Promise<readonly Repeat[]> {
    return await this.of(batch.id).add(batch, { onSent, needsSync })
  }

  /**
   * The same for batches of one priority that become one job in each shard (see merge), whose events were answered 202
   * before anybody could look whether their identities are known. An event that contradicts the one that is stored
   * under its identity is stored beside it, since what was promised of it cannot be taken back. The batches go before
   * events of their priority that came after them. Those that are in the queue are not added again.
   */
  async addMerged (batches: readonly Batch[], onSent?: () => void): Promise<void> {
    const parts = Map.groupBy(batches, ({ id }) => this.of(id))
    await Promise.all([...parts].map(([shard, own]) => shard.addMerged(own, onSent)))
  }

  /**
   * Puts events of a batch in work back as a batch of their own, to run after `delayMs`.
   *
   * @throws LockLostError
   */
  async requeue (batch: Batch, delayMs: number, parentId: string, options?: RequeueOptions): Promise<void> {
    await this.of(batch.id).requeue(batch, delayMs, parentId, options)
  }

  /** Tells where a batch is, and what became of it. */
  async trace (batchId: string): Promise<BatchTrace> { return await this.of(batchId).trace(batchId) }

  /** Answers the event that is remembered by the first of these digests that is known. */
  async remembered (digests: readonly string[]): Promise<Remembered | undefined> {
    return await this.#shard.remembered(digests)
  }

  /** Opens a worker of all shards on a connection made by connectForWorker. */
  openWorker (connection: Redis, process: BatchProcessor, options: BatchWorkerOptions): BatchWorker {
    return new BatchWorker(connection, this.#shard.keys, process, options)
  }

  /** Lets the first batch behind this rank be taken next, before all others; nothing while another one goes first. */
  async passTurn (rank: number): Promise<void> { await this.#shard.passTurn(rank) }

  /** Jobs that BullMQ gave up, from the one at this index to that one, whichever program put them there. */
  async failedJobs (first: number, last: number): Promise<BatchJob[]> {
    return await this.#shard.failedJobs(first, last)
  }

  /** Repairs what is damaged, jobs that cannot be read among it. */
  async mend (): Promise<void> { await this.#shard.mend() }

  /** Makes all workers take no further batch for this long, or for what is left of a longer pause. */
  async pauseFor (milliseconds: number): Promise<void> { await this.#shard.pauseFor(milliseconds) }

  /** Ends that pause before its time. */
  async endPause (): Promise<void> { await this.#shard.endPause() }

  /** Makes all workers take no further batch until they are resumed; those in work are ended. */
  async pause (): Promise<void> { await this.#shard.pause() }

  /** Lets all workers take batches again, whatever held them up. */
  async resume (): Promise<void> { await this.#shard.resume() }

  /** Whether the next sample had better follow at once: there is more to settle than one settles. */
  get isBehind (): boolean { return this.#shard.isBehind }

  /** Tells the others about this process, settles what has ended if this process is to do that, and reads. */
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
    const fleet = { ...reading.fleet, skipped: reading.fleet.skipped + removed }
    if (fleet.skipped > 0) this.repair.report({ key: this.keys.fleet, entry: 'a process' })
    this.#known = { fleet: reading.fleet, fleetChanges: reading.control.fleet ?? '' }
    return { ...reading, fleet }
  }

  /** Answers how many broken records of the fleet were removed. */
  async #report (announcement: Announcement | undefined, takeCounts: SampleOptions['takeCounts']): Promise<number> {
    // A booking whose call got no answer is tried again first, under the number it had: it may have been booked.
    const isRepeat = Object.keys(this.#booking.counts).length > 0
    if (!isRepeat) this.#booking = { number: this.#booking.number + 1, counts: takeCounts?.() ?? {} }
    const { number, counts } = this.#booking
    if (announcement === undefined && Object.keys(counts).length === 0) return 0
    const removed = await this.repair.guard(() => this.#scripts.run('report', [
      this.keys.ledger, this.keys.lastBooking(this.#processId), this.keys.fleet, this.keys.control,
      number, BOOKING_NUMBER_LIFE_MS,
      announcement?.member.id ?? '', announcement === undefined ? '' : JSON.stringify(announcement.member),
      MEMBER_LIFE_MS, MOST_MEMBERS, MOST_RECORD_BYTES, announcement?.isNews === true ? 1 : 0,
      ...Object.entries(counts).flat()
    ]))
    this.#booking = { number, counts: {} }
    return removed as number
  }

  /** Makes the ledger agree with the jobs. Answers by how many events it was off, -1 when there are too many jobs. */
  async recount (): Promise<number> { return await this.#shard.recount() }

  /** Writes off what the ledger is off by, and answers how many events that is on each side; none leaves no trace. */
  async rebase (reason: string, by: string): Promise<Imbalance> {
    return await this.#shard.rebases.book(reason, by)
  }

  /** The latest differences that were written off, the latest first. */
  async latestRebases (): Promise<Rebase[]> { return await this.#shard.rebases.latest() }

  /** Takes a process off the list of the fleet at once, instead of when its record expires. */
  async removeMember (id: string): Promise<void> {
    await this.repair.guard(async () => {
      if (await this.#redis.hdel(this.keys.fleet, id) === 1) await this.#redis.hincrby(this.keys.control, 'fleet', 1)
    })
  }

  /** Writes a field that all replicas see with their next sample. */
  async setControl (field: string, value: string): Promise<void> {
    await this.repair.guard(() => this.#redis.hset(this.keys.control, field, value))
  }

  /** Counts a control field up and sets another in the same step; replicas act when they see that the count changed. */
  async bumpControl (field: string, alongside: { field: string, value: string }): Promise<void> {
    const key = this.keys.control
    await this.repair.guard(async () => {
      const steps = this.#redis.multi().hset(key, alongside.field, alongside.value).hincrby(key, field, 1)
      for (const [error] of await steps.exec() ?? []) if (error !== null) throw error
    })
  }

  async close (): Promise<void> { await this.#shard.close() }
}
