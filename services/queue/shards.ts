import { InTransit, type OnSent } from '../admission/in-transit.ts'
import type { Redis } from 'ioredis'
import type { QueuedEvent } from '../event/event.ts'
import type { Imbalance } from '../ledger/balance.ts'
import type { Bound } from './batch-addition.ts'
import { FIRST_SHARD, type Batch } from './batch.ts'
import type { BatchTrace } from './bullmq/batch-trace.ts'
import { BatchWorker, type BatchProcessor, type BatchWorkerOptions } from './bullmq/batch-worker.ts'
import { CircuitKeeper } from './circuit-keeper.ts'
import { QueueKeys } from './keys.ts'
import { ProcessReport, type ReportOptions } from './process-report.ts'
import type { QueueReading } from './reading.ts'
import { MOST_REBASES, type Rebase } from './rebases.ts'
import { RememberedElsewhere } from './remembered-elsewhere.ts'
import type { Remembered, Repeat } from './remembered.ts'
import type { Repair } from './repair.ts'
import type { RequeueOptions } from './requeue-options.ts'
import { ShardIntake, type ShardIntakeOptions } from './shard-intake.ts'
import { ShardKeeper } from './shard-keeper.ts'
import { ShardList } from './shard-list.ts'
import { ShardMap } from './shard-map.ts'
import { ShardReader, type AdoptOptions, type SampleOptions } from './shard-reader.ts'
import { ShardWorkers } from './shard-workers.ts'
import { Shard, type ShardOptions } from './shard.ts'

export interface ShardsOptions extends ShardOptions, ShardIntakeOptions {
  /** The shards as another Shards of this process knows them; its own by default. */
  map?: ShardMap
  /** QUEUE_SHARDS of this process, 1 by default. */
  queueShards?: number
  /** Opens the connection of a further shard, on a Cluster; all shards have the same connection without it. */
  connect?: ((shard: number) => Redis) | undefined
}

/**
 * The queue as the rest of the code sees it: all shards, addressed by the ids of batches. The first one holds the data
 * that exists once: the fleet, the control record, counts at admission, settings, dead letters.
 */
export class Shards {
  /** The keys of data that exists once. */
  readonly keys: QueueKeys
  /** Repairs those keys. */
  readonly repair: Repair
  /** Moves the circuit that all replicas share. */
  readonly circuit: CircuitKeeper
  /** How many shards there are, and which are unavailable. */
  readonly map: ShardMap
  /**
   * Admitted events that no reading contains yet. Events get their shard with their batch, and all shards are read in
   * one turn, so one count covers all of them.
   */
  readonly inTransit = new InTransit()
  readonly #redis: Redis
  readonly #list: ShardList
  readonly #intake: ShardIntake
  readonly #memory: RememberedElsewhere
  readonly #reader: ShardReader
  readonly #workers = new Set<ShardWorkers>()

  /** @param redis a connection made by connectForCommands; it stays open when this is closed */
  constructor (redis: Redis, namespace: string, options: ShardsOptions, onError: (error: Error) => void) {
    const { connect, fairOrder } = options
    this.#list = new ShardList((number) => {
      const own = number === FIRST_SHARD ? undefined : connect?.(number)
      const keys = new QueueKeys(namespace, number)
      return new Shard(own ?? redis, keys, { ...options, fairOrder: fairOrder?.of(number) }, onError, own !== undefined)
    })
    const first = this.#list.at(FIRST_SHARD)
    this.keys = first.keys
    this.repair = first.repair
    this.circuit = new CircuitKeeper(redis, this.keys, this.repair)
    this.map = options.map ?? new ShardMap()
    this.#memory = new RememberedElsewhere(this.map, this.#list)
    this.#redis = redis
    const keeper = new ShardKeeper(redis, this.keys, this.repair, {
      map: this.map, configured: options.queueShards ?? 1, idempotencyTtlMs: options.idempotencyTtlMs,
      isEmpty: (shard) => this.#reader.isEmpty(shard),
      pause: async (shard) => { await this.#list.at(shard).pause() }
    })
    this.#reader = new ShardReader({
      list: this.#list, map: this.map, keeper, inTransit: this.inTransit,
      report: new ProcessReport(redis, this.keys, this.repair),
      onReading: () => { for (const workers of this.#workers) workers.follow(this.map.opened) }
    })
    this.#intake = new ShardIntake(options, {
      map: this.map, list: this.#list, memory: this.#memory, open: (shard) => keeper.open(shard)
    })
  }

  /** The shards that may hold anything. */
  get opened (): readonly Shard[] { return this.#list.upTo(this.map.opened) }

  /** Returns the shard of a batch, or of a foreign job. */
  of (batchId: string): Shard { return this.#list.of(batchId) }

  /** Returns the number of the shard for an event with or without a key; see ShardIntake. */
  shardOf (key: string | undefined, event: Pick<QueuedEvent, 'priority' | 'organizationId'>): number {
    return this.#intake.shardOf(key, event)
  }

  /** The keys of each shard. */
  get keysOfShards (): readonly QueueKeys[] { return this.opened.map(({ keys }) => keys) }

  /** Returns the connections that these batches are written on. */
  connectionsOf (batches: readonly Batch[]): ReadonlySet<Redis> {
    return new Set(batches.map(({ id }) => this.of(id).redis))
  }

  /**
   * Adds a batch of new events. Resolves when Redis has confirmed all of it, with the repeated events, which are not
   * added again. If the connection breaks, it tries once more on the next one: the batch keeps its id, so a first try
   * that succeeded is not repeated.
   *
   * @throws UnconfirmedError if the batch may have been added nevertheless, or an error that `isWithoutRoom` recognizes
   *   if the queue has no room for it, or ShardAwayError, as rejections
   * @param onSent called when the batch is sent: readings requested later contain it
   * @param needsSync fails with NOT_SYNCED, and stores nothing, if Redis writes no append-only file
   */
  async add (batch: Batch, onSent?: OnSent, needsSync = false): Promise<readonly Repeat[]> {
    return await this.#intake.add(batch, onSent, needsSync)
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
    await this.#intake.addMerged(batches, bound, onSent)
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
    return await this.#memory.firstOf(digests)
  }

  /**
   * Opens a worker of all shards.
   *
   * @param connectionOf returns the connection for a shard, made by connectForWorker
   */
  openWorker (
    connectionOf: (shard: number) => Redis, process: BatchProcessor, options: BatchWorkerOptions
  ): ShardWorkers {
    const workers = new ShardWorkers({
      concurrency: options.concurrency ?? 1,
      open: (shard, seat) => new BatchWorker(connectionOf(shard), this.#list.at(shard).keys, seat, process, options),
      lookOf: (shard) => () => this.#list.at(shard).firstRank()
    })
    workers.follow(this.map.opened)
    this.#workers.add(workers)
    return workers
  }

  /**
   * Makes the first batch behind this rank the next one, before all others; does nothing while another one is first.
   */
  async passTurn (rank: number): Promise<void> { await this.#each((shard) => shard.passTurn(rank)) }

  /** Repairs damaged keys and sets unreadable jobs aside. */
  async mend (): Promise<void> { await this.#each((shard) => shard.mend()) }

  /** Makes all workers take no further batch for this long, or for the rest of a longer pause. */
  async pauseFor (milliseconds: number): Promise<void> { await this.#each((shard) => shard.pauseFor(milliseconds)) }

  /** Ends that pause early. */
  async endPause (): Promise<void> { await this.#each((shard) => shard.endPause()) }

  /** Makes all workers take no further batch until they are resumed; batches in progress are completed. */
  async pause (): Promise<void> { await this.#each((shard) => shard.pause()) }

  /** Ends all pauses of the workers. */
  async resume (): Promise<void> { await this.#each((shard) => shard.resume()) }

  /** Whether the next sample should follow immediately: there is more to settle than one sample settles. */
  get isBehind (): boolean { return this.#reader.isBehind }

  /** Whether this process reads the queue for all. */
  get isReader (): boolean { return this.#reader.isReader }

  /** Whether another process reads the queue, and publishes its readings for this one. */
  get isFollower (): boolean { return this.#reader.isFollower }

  /** Announces this process, settles finished jobs if this process has to, and reads all shards. */
  async sample (options: SampleOptions = {}): Promise<QueueReading> { return await this.#reader.sample(options) }

  /** Takes in what another process has published; see ShardReader.adopt. */
  adopt (channel: string, text: string, options: AdoptOptions): QueueReading | 'insufficient' | undefined {
    return this.#reader.adopt(channel, text, options)
  }

  /**
   * Announces this process and books its counts, if there is something to announce or to book. Returns the time of
   * Redis then; undefined if it sent nothing.
   */
  async report (options: ReportOptions): Promise<number | undefined> { return await this.#reader.report(options) }

  /** Corrects the ledgers to match the jobs. Returns the difference in events; -1 if there are too many jobs. */
  async recount (): Promise<number> {
    const off = await Promise.all(this.opened.map((shard) => shard.recount()))
    return off.includes(-1) ? -1 : off.reduce((sum, events) => sum + events, 0)
  }

  /** Writes off the differences of the ledgers, and returns them by side; records nothing if there are none. */
  async rebase (reason: string, by: string): Promise<Imbalance> {
    const all = await Promise.all(this.opened.map((shard) => shard.rebases.book(reason, by)))
    return all.reduce((one, other) => ({
      admission: one.admission + other.admission, queue: one.queue + other.queue
    }))
  }

  /** Returns the latest written-off differences, latest first. */
  async latestRebases (): Promise<Rebase[]> {
    const all = await Promise.all(this.opened.map((shard) => shard.rebases.latest()))
    return all.flat().toSorted((one, other) => other.at.localeCompare(one.at)).slice(0, MOST_REBASES)
  }

  /** Removes a process from the fleet immediately, before its record expires. */
  async removeMember (id: string): Promise<void> {
    await this.repair.guard(async () => {
      if (await this.#redis.hdel(this.keys.fleet, id) === 1) await this.#redis.hincrby(this.keys.control, 'fleet', 1)
    })
  }

  async close (): Promise<void> { await this.#list.close() }

  /** Does the same in all shards, each of them even if another one fails. */
  async #each (work: (shard: Shard) => Promise<void>): Promise<void> {
    const failed = (await Promise.allSettled(this.opened.map(work))).find((end) => end.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
}
