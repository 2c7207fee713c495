import { InTransit, type AddMark, type OnSent } from '../admission/in-transit.ts'
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
import { ShardIntake, type ShardIntakeOptions } from './shard-intake.ts'
import { ShardKeeper } from './shard-keeper.ts'
import { ShardList } from './shard-list.ts'
import { ShardMap } from './shard-map.ts'
import { ShardReadings } from './shard-readings.ts'
import { ShardWorkers } from './shard-workers.ts'
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
  /** Whether a reading of the first shard of this time of Redis counts. */
  readonly isCurrent: (redisTimeMs: number) => boolean
  /** Whether it is young enough, for another shard. */
  readonly isRecent: (redisTimeMs: number) => boolean
  /** Milliseconds of a clock that nobody sets. */
  readonly now: number
  /** The age that no reading for which `isCurrent` holds exceeds. */
  readonly mostAgeMs: number
}

export interface ShardsOptions extends ShardOptions, ShardIntakeOptions {
  /** The shards as another Shards of this process knows them; its own by default. */
  map?: ShardMap
  /** QUEUE_SHARDS of this process, 1 by default. */
  queueShards?: number
}

/** Stands for the fleet and the settings, which a further shard does not have. */
const WITHOUT_COMMON_DATA: Known = {
  settings: '::0', fleet: { members: [], skipped: 0 }, fleetChanges: '', needsFleet: false
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
  readonly #readings = new ShardReadings()
  readonly #keeper: ShardKeeper
  readonly #workers = new Set<ShardWorkers>()
  readonly #report: ProcessReport
  #reporting: ReturnType<ProcessReport['send']> | undefined
  #isInformed = false
  #known: Pick<Known, 'fleet' | 'fleetChanges'> = { fleet: { members: [], skipped: 0 }, fleetChanges: '' }

  /** @param redis a connection made by connectForCommands; it stays open when this is closed */
  constructor (redis: Redis, namespace: string, options: ShardsOptions, onError: (error: Error) => void) {
    this.#list = new ShardList((number) => new Shard(redis, new QueueKeys(namespace, number), {
      ...options, fairOrder: options.fairOrder?.of(number)
    }, onError))
    const first = this.#list.at(FIRST_SHARD)
    this.keys = first.keys
    this.repair = first.repair
    this.circuit = new CircuitKeeper(redis, this.keys, this.repair)
    this.map = options.map ?? new ShardMap()
    this.#memory = new RememberedElsewhere(this.map, this.#list)
    this.#redis = redis
    this.#report = new ProcessReport(redis, this.keys, this.repair)
    this.#keeper = new ShardKeeper(redis, this.keys, this.repair, {
      map: this.map, configured: options.queueShards ?? 1, idempotencyTtlMs: options.idempotencyTtlMs,
      isEmpty: (shard) => this.#readings.isEmpty(shard),
      pause: async (shard) => { await this.#list.at(shard).pause() }
    })
    this.#intake = new ShardIntake(options, {
      map: this.map, list: this.#list, memory: this.#memory, open: (shard) => this.#keeper.open(shard)
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

  /** Opens a worker of all shards on a connection made by connectForWorker. */
  openWorker (connection: Redis, process: BatchProcessor, options: BatchWorkerOptions): ShardWorkers {
    const workers = new ShardWorkers({
      concurrency: options.concurrency ?? 1,
      open: (shard, seat) => new BatchWorker(connection, this.#list.at(shard).keys, seat, process, options),
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
  get isBehind (): boolean {
    const { away } = this.#readings
    return this.opened.some((shard, number) =>
      (number === FIRST_SHARD || this.#leads) && !away.includes(number) && shard.isBehind)
  }

  /**
   * Whether this process settles further shards if it has their leases: the reader of the first shard does, so that one
   * process reads all of them for the others.
   */
  get #leads (): boolean { return this.isReader || this.#readings.away.includes(FIRST_SHARD) }

  /** Announces this process, settles finished jobs if this process has to, and reads all shards. */
  async sample (
    { announcement, takeCounts, knownSettings = '', needsFleet = announcement !== undefined }: SampleOptions = {}
  ): Promise<QueueReading> {
    if (!this.#isInformed) await this.#keeper.learn()
    this.#isInformed = true
    const { opened } = this
    // A further shard that hangs must not delay the reading of the others.
    const [recounted] = opened.map((shard) => shard.recountWhenDue())
    if (!this.#readings.away.includes(FIRST_SHARD)) await recounted
    const reported = this.#sendReport({ announcement, takeCounts })
    // Its failure counts unless the first shard alone is away.
    reported.catch(() => {})
    const contain = this.inTransit.beginReading()
    const isHeard = this.#known.fleet.members.length > 1
    const [known, leads] = [{ ...this.#known, settings: knownSettings, needsFleet, isHeard, leads: true }, this.#leads]
    const sampled = this.#readings.read(opened.map((shard, number) => () =>
      shard.sample(number === FIRST_SHARD ? known : { ...WITHOUT_COMMON_DATA, isHeard, leads })))
    const [read] = await Promise.allSettled([sampled])
    const isFirstAway = read.status === 'fulfilled' && read.value.awayShards?.includes(FIRST_SHARD) === true
    const removed = isFirstAway ? 0 : (await reported)?.removed ?? 0
    const reading = await sampled
    contain()
    this.#follow(reading)
    // A fleet that has not changed stays the same object, so listeners need not look at it again.
    const fleet = removed === 0 ? reading.fleet : { ...reading.fleet, skipped: reading.fleet.skipped + removed }
    if (fleet.skipped > 0) this.repair.report({ key: this.keys.fleet, entry: 'a process' })
    return { ...reading, fleet }
  }

  /** Whether this process reads the queue for all. */
  get isReader (): boolean { return this.#list.at(FIRST_SHARD).isReader }

  /** Whether another process reads the queue, and publishes its readings for this one. */
  get isFollower (): boolean { return this.#list.at(FIRST_SHARD).isFollower }

  /**
   * Takes in what another process has published on the channel of a shard. That of the first shard returns the reading
   * of all, if those of the others are young enough; the rest is as Shard.adopt has it.
   */
  adopt (
    channel: string, text: string, { settings, isCurrent, isRecent, now, mostAgeMs }: AdoptOptions
  ): QueueReading | 'insufficient' | undefined {
    const { opened } = this
    const number = opened.findIndex(({ keys }) => keys.readings === channel)
    const isFirst = number === FIRST_SHARD
    const own = opened[number]?.adopt(
      text, isFirst ? { ...this.#known, settings } : WITHOUT_COMMON_DATA, isFirst ? isCurrent : isRecent
    )
    if (own === undefined || own === 'insufficient') return isFirst ? own : undefined
    const reading = this.#readings.adopt(number, own, opened.length, isRecent)
    if (reading === undefined) return undefined
    this.inTransit.adoptReading(({ shard, priority, total }: AddMark) =>
      total <= this.#readings.enqueuedIn(shard, priority), now, mostAgeMs)
    this.#follow(reading)
    return reading
  }

  /**
   * Announces this process and books its counts, if there is something to announce or to book. Returns the time of
   * Redis then; undefined if it sent nothing.
   */
  async report (options: ReportOptions): Promise<number | undefined> {
    const reported = await this.#sendReport(options)
    if (reported !== undefined && reported.removed > 0) this.repair.report({ key: this.keys.fleet, entry: 'a process' })
    return reported?.redisTimeMs
  }

  /** Sends one at a time to a first shard that hangs: it may answer later. */
  #sendReport (options: ReportOptions): ReturnType<ProcessReport['send']> {
    if (this.#reporting !== undefined && this.#readings.away.includes(FIRST_SHARD)) return this.#reporting
    const own = this.#report.send(options).finally(() => { if (this.#reporting === own) this.#reporting = undefined })
    this.#reporting = own
    return own
  }

  #follow (reading: QueueReading): void {
    const { fleet, control } = reading
    this.#known = { fleet, fleetChanges: control.fleet ?? '' }
    this.map.observe(this.#readings.away, this.#readings.depths)
    this.#keeper.observe(reading)
    for (const workers of this.#workers) workers.follow(this.map.opened)
  }

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
