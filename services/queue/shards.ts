import { InTransit, type AddMark, type OnSent } from '../admission/in-transit.ts'
import type { Redis } from 'ioredis'
import type { Imbalance } from '../ledger/balance.ts'
import type { Bound } from './batch-addition.ts'
import { FIRST_SHARD, type Batch } from './batch.ts'
import type { BatchJob } from './bullmq/batch-job.ts'
import type { BatchTrace } from './bullmq/batch-trace.ts'
import { BatchWorker, type BatchProcessor, type BatchWorkerOptions } from './bullmq/batch-worker.ts'
import { CircuitKeeper } from './circuit-keeper.ts'
import { QueueKeys } from './keys.ts'
import { ProcessReport, type ReportOptions } from './process-report.ts'
import type { QueueReading } from './reading.ts'
import type { Rebase } from './rebases.ts'
import type { Remembered, Repeat } from './remembered.ts'
import type { Repair } from './repair.ts'
import { Shard, type Known, type RequeueOptions, type ShardOptions } from './shard.ts'

/** The parts of a sample that depend on the process that takes it. */
export interface SampleOptions extends ReportOptions {
  /** The fingerprint of the known settings, which the reading omits. */
  knownSettings?: string
  /** Whether the reading has to contain the fleet, even if it has not changed; true with an announcement. */
  needsFleet?: boolean
}

/** The circumstances in which a reading of another process is taken in. */
export interface AdoptOptions {
  /** The fingerprint of the known settings. */
  readonly settings: string
  /** Whether a reading of this time of Redis counts. */
  readonly isCurrent: (redisTimeMs: number) => boolean
  /** Milliseconds of a clock that nobody sets. */
  readonly now: number
  /** The age that no reading for which `isCurrent` holds exceeds. */
  readonly mostAgeMs: number
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
  readonly #report: ProcessReport
  #known: Pick<Known, 'fleet' | 'fleetChanges'> = { fleet: { members: [], skipped: 0 }, fleetChanges: '' }

  /** @param redis a connection made by connectForCommands; it stays open when this is closed */
  constructor (redis: Redis, namespace: string, options: ShardOptions, onError: (error: Error) => void) {
    this.#redis = redis
    this.#shard = new Shard(redis, new QueueKeys(namespace, FIRST_SHARD), options, onError)
    this.keys = this.#shard.keys
    this.repair = this.#shard.repair
    this.circuit = new CircuitKeeper(redis, this.keys, this.repair)
    this.#report = new ProcessReport(redis, this.keys, this.repair)
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
  async add (batch: Batch, onSent?: OnSent, needsSync = false): Promise<readonly Repeat[]> {
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
  async addMerged (batches: readonly Batch[], bound: Bound = {}, onSent?: OnSent): Promise<void> {
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
  async sample (
    { announcement, takeCounts, knownSettings = '', needsFleet = announcement !== undefined }: SampleOptions = {}
  ): Promise<QueueReading> {
    await this.#shard.recountWhenDue()
    const reported = this.#report.send({ announcement, takeCounts })
    const contain = this.inTransit.beginReading()
    const sampled = this.#shard.sample({ ...this.#known, settings: knownSettings, needsFleet })
    await Promise.allSettled([reported, sampled])
    const removed = (await reported)?.removed ?? 0
    const reading = await sampled
    contain()
    // A fleet that has not changed stays the same object, so listeners need not look at it again.
    const fleet = removed === 0 ? reading.fleet : { ...reading.fleet, skipped: reading.fleet.skipped + removed }
    if (fleet.skipped > 0) this.repair.report({ key: this.keys.fleet, entry: 'a process' })
    this.#knowFleetOf(reading)
    return { ...reading, fleet }
  }

  /** Whether this process reads the queue for all. */
  get isReader (): boolean { return this.#shard.isReader }

  /** Whether another process reads the queue, and publishes its readings for this one. */
  get isFollower (): boolean { return this.#shard.isFollower }

  /** The same as Shard.adopt. */
  adopt (
    text: string, { settings, isCurrent, now, mostAgeMs }: AdoptOptions
  ): QueueReading | 'insufficient' | undefined {
    const reading = this.#shard.adopt(text, { ...this.#known, settings }, isCurrent)
    if (reading === undefined || reading === 'insufficient') return reading
    const contains = ({ priority, total }: AddMark) => total <= (reading.enqueuedByPriority[priority] ?? 0)
    this.inTransit.adoptReading(contains, now, mostAgeMs)
    this.#knowFleetOf(reading)
    return reading
  }

  /**
   * Announces this process and books its counts, if there is something to announce or to book. Returns the time of
   * Redis then; undefined if it sent nothing.
   */
  async report (options: ReportOptions): Promise<number | undefined> {
    const reported = await this.#report.send(options)
    if (reported !== undefined && reported.removed > 0) this.repair.report({ key: this.keys.fleet, entry: 'a process' })
    return reported?.redisTimeMs
  }

  #knowFleetOf ({ fleet, control }: QueueReading): void {
    this.#known = { fleet, fleetChanges: control.fleet ?? '' }
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
