import type { Redis } from 'ioredis'
import type { OnSent } from '../admission/in-transit.ts'
import type { ScriptCommand } from './atomic-scripts.ts'
import { BatchAddition, type Adding, type Bound, type FindElsewhere } from './batch-addition.ts'
import { BatchSteps, MOST_UNSETTLED_NAMED, type StepOptions } from './batch-steps.ts'
import { parseBatchId, type Batch } from './batch.ts'
import type { BatchJob } from './bullmq/batch-job.ts'
import { BatchQueue } from './bullmq/batch-queue.ts'
import { BatchTracer, type BatchTrace } from './bullmq/batch-trace.ts'
import { JobRebuilder } from './bullmq/job-rebuilder.ts'
import { loadJobScripts, type JobScript, type JobScripts } from './bullmq/job-scripts.ts'
import { decodeReading, type ReadReply } from './decode-reading.ts'
import { decodePublished } from './published-reading.ts'
import type { FairOrder } from '../organizations/fair-order.ts'
import type { QueueKeys } from './keys.ts'
import type { Known } from './known.ts'
import { MEMBER_LIFE_MS, MOST_MEMBERS, MOST_RECORD_BYTES } from '../fleet/member.ts'
import { LockLostError } from './lock-lost-error.ts'
import { LAST_RANK, type Standing } from './rank.ts'
import type { QueueReading } from './reading.ts'
import type { RequeueOptions } from './requeue-options.ts'
import { Rebases } from './rebases.ts'
import { decodeRepeats, type Remembered, type Repeat } from './remembered.ts'
import { Repair } from './repair.ts'
import { Settler, type SettlerOptions } from './settler.ts'

export interface ShardOptions extends StepOptions, SettlerOptions {
  /** How long a write waits for a lost connection before it fails. */
  reconnectPatienceMs?: number
  /** Absent if workers take batches in the order in which they come. */
  fairOrder?: FairOrder
}

/** One BullMQ queue in one hash slot of Redis, with its bookings. Shards documents the methods that it delegates. */
export class Shard {
  readonly keys: QueueKeys
  /** Repairs damaged keys of the slot; other modules add the keys that they read. */
  readonly repair: Repair
  /** The differences that operators have written off. */
  readonly rebases: Rebases
  /** Serves the slot; it may be that of other shards, too. */
  readonly redis: Redis
  readonly #ownsRedis: boolean
  readonly #bullmq: BatchQueue
  readonly #scripts: JobScripts
  readonly #steps: BatchSteps
  readonly #addition: BatchAddition
  readonly #rebuilder: JobRebuilder
  readonly #settler: Settler
  readonly #tracer: BatchTracer

  /**
   * @param redis a connection made by connectForCommands
   * @param ownsRedis whether the shard closes it
   */
  constructor (
    redis: Redis, keys: QueueKeys, options: ShardOptions, onError: (error: Error) => void, ownsRedis = false
  ) {
    this.keys = keys
    this.redis = redis
    this.#ownsRedis = ownsRedis
    this.#bullmq = new BatchQueue(redis, keys)
    this.#bullmq.on('error', onError)
    this.#scripts = loadJobScripts(redis)
    this.#steps = new BatchSteps(redis, keys, options)
    this.repair = new Repair(redis, keys, options.onDamage ?? (() => {}))
    this.rebases = new Rebases(redis, this.repair, keys)
    this.#settler = new Settler(redis, keys, this.repair, options)
    this.#rebuilder = new JobRebuilder(redis, keys)
    this.#tracer = new BatchTracer(redis, keys)
    this.#addition = new BatchAddition({
      redis, keys, bullmq: this.#bullmq, steps: this.#steps, repair: this.repair, rebuilder: this.#rebuilder,
      fairOrder: options.fairOrder, patienceMs: options.reconnectPatienceMs
    })
    this.repair.watch([
      { key: keys.seenCounts, type: 'hash', numbers: 'fields' },
      { key: keys.finishes, type: 'zset' },
      // The ledger follows the lists of jobs, from which it is rebuilt.
      ...this.#rebuilder.keys,
      { key: keys.ledger, type: 'hash', numbers: 'fields', rebuild: () => this.#rebuildLedger() }
    ])
  }

  async add (batch: Batch, how: Adding): Promise<readonly Repeat[]> {
    return await this.#addition.add(batch, how)
  }

  async addMerged (
    batches: readonly Batch[], bound: Bound, onSent?: OnSent, findElsewhere?: FindElsewhere
  ): Promise<void> {
    await this.#addition.addMerged(batches, bound, onSent, findElsewhere)
  }

  async requeue (
    batch: Batch, delayMs: number, parentId: string,
    { token, isStalled = false, standing = 'retry' }: RequeueOptions = {}
  ): Promise<void> {
    const before = token === undefined ? [] : [this.#steps.guardOf(parentId, token)]
    const [guard] = await this.#addition.book(batch, {
      booking: 'requeued', delayMs, standing, parentId, before, isStalled
    })
    if (before.length > 0 && guard === null) throw new LockLostError(parentId)
  }

  /**
   * Adds a batch together with another step, both or neither: that script voids the batch if its events must not be
   * added. Resolves with the answer of the script.
   *
   * @param before a command of the connection of this shard
   */
  async addWith (before: ScriptCommand, batch: Batch, standing: Standing): Promise<unknown> {
    const [reply] = await this.#addition.book(batch, { booking: 'enqueued', before: [before], standing })
    return reply
  }

  async mend (): Promise<void> {
    await this.repair.check()
    for (const damage of await this.#rebuilder.setAsideUnreadable()) this.repair.report(damage)
  }

  get isBehind (): boolean { return this.#settler.isBehind }

  get isReader (): boolean { return this.#settler.isHolder }

  get isFollower (): boolean { return this.#settler.isFollower }

  /** Settles finished jobs, if this process has to, and reads. Sends both commands before it returns. */
  async sample (
    { settings, fleet, fleetChanges, needsFleet, isHeard: hasListeners = fleet.members.length > 1, leads = true }: Known
  ): Promise<QueueReading> {
    const { keys, keys: { jobs } } = this
    const isHeard = hasListeners && this.#settler.mayPublish
    const settled = leads ? this.#settler.settle() : undefined
    const read = this.#run('read', [
      jobs.wait, jobs.prioritized, jobs.active, jobs.delayed, jobs.completed, jobs.failed, jobs.meta, jobs.limiter,
      keys.ledger, keys.due, keys.fleet, keys.control, keys.seenCounts, keys.settings, keys.settleLease,
      keys.unfinishedReplays, keys.deadLetters, keys.deadLetterFigures,
      jobs.prefix, LAST_RANK, settings, MOST_UNSETTLED_NAMED,
      MEMBER_LIFE_MS, MOST_MEMBERS, MOST_RECORD_BYTES, fleetChanges, needsFleet ? 1 : 0,
      this.#settler.name, isHeard ? keys.readings : ''
    ]) as Promise<ReadReply>
    await Promise.allSettled([settled, read])
    await settled
    const { reading, notes } = decodeReading(await read, fleet)
    this.#settler.observe(notes)
    return reading
  }

  /**
   * Takes in a reading that the process with the lease has published; undefined if it is from another one or not
   * current. It is `insufficient` if it omits what this process does not know.
   */
  adopt (
    text: string, { settings, fleet, fleetChanges }: Omit<Known, 'needsFleet'>,
    isCurrent: (redisTimeMs: number) => boolean
  ): QueueReading | 'insufficient' | undefined {
    const reply = decodePublished(text)
    if (reply === undefined || !this.#settler.follows(reply[18]) || !isCurrent(reply[0])) return undefined
    const { reading, notes } = decodeReading(reply, fleet)
    const isWithoutFleet = reply[11] === null && (reading.control.fleet ?? '') !== fleetChanges
    if (isWithoutFleet || (reading.settings === undefined && reply[19] !== settings)) return 'insufficient'
    this.#settler.observe(notes)
    return reading
  }

  async recountWhenDue (): Promise<void> { await this.#settler.recountWhenDue() }

  async recount (): Promise<number> { return await this.#settler.recount() }

  async trace (batchId: string): Promise<BatchTrace> { return await this.#tracer.trace(batchId) }

  /** Returns the remembered events of digests, in order; undefined for an unknown one. */
  async remembered (digests: readonly string[]): Promise<(Remembered | undefined)[]> {
    return await this.#tracer.remembered(digests)
  }

  /** Returns those events of digests that are remembered and stored, with their places in the list. */
  async findRemembered (digests: readonly string[]): Promise<Repeat[]> {
    return decodeRepeats(await this.#run('find-remembered', [this.keys.seenPrefix, ...digests]) as string[])
  }

  /** Returns the rank of the batch that a worker would get next; Infinity if none waits. */
  async firstRank (): Promise<number> {
    const { wait, prioritized, delayed, prefix } = this.keys.jobs
    return await this.#run('first-rank', [wait, prioritized, delayed, prefix]) as number | null ?? Infinity
  }

  async failedJobs (first: number, last: number): Promise<BatchJob[]> {
    return await this.#bullmq.getFailed(first, last) as BatchJob[]
  }

  /**
   * Books and removes a job that BullMQ gave up on, once its events are dead letters. Returns whether it was removed.
   */
  async settleFailed (jobId: string): Promise<boolean> {
    const { priority, count } = parseBatchId(jobId) ?? { priority: 0, count: 0 }
    const { jobs, ledger } = this.keys
    return await this.#run('settle-failed', [jobs.failed, jobs.of(jobId), ledger, jobId, priority, count]) === 1
  }

  /** Whether a worker still has a batch. */
  async hasLock (batchId: string, token: string): Promise<boolean> {
    return await this.repair.guard(() => this.redis.get(this.keys.jobs.lockOf(batchId))) === token
  }

  /**
   * Counts a run of a stalled batch alone; returns the number of such runs.
   *
   * @throws LockLostError if the worker no longer holds the lock
   */
  async beginAlone (batchId: string, token: string): Promise<number> {
    const { jobs } = this.keys
    const times = await this.#run('begin-alone', [jobs.of(batchId), jobs.lockOf(batchId), token]) as number
    if (times < 0) throw new LockLostError(batchId)
    return times
  }

  /** Undoes that count for a worker that lost the lock and is alive: the batch did not kill it. */
  async endAlone (batchId: string): Promise<void> { await this.#run('end-alone', [this.keys.jobs.of(batchId)]) }

  async passTurn (rank: number): Promise<void> { await this.#run('pass-turn', [this.keys.jobs.prioritized, rank]) }

  async pauseFor (milliseconds: number): Promise<void> {
    if (await this.#bullmq.pauseLeftMs() < milliseconds) await this.#bullmq.rateLimit(Math.ceil(milliseconds))
  }

  async endPause (): Promise<void> { await this.#bullmq.endPause() }

  async pause (): Promise<void> { await this.#bullmq.pause() }

  async resume (): Promise<void> {
    await this.#bullmq.resume()
    await this.endPause()
  }

  async close (): Promise<void> {
    await this.#bullmq.close()
    if (this.#ownsRedis) this.redis.disconnect()
  }

  /** Runs within a repair, so it must not wait for one. */
  async #rebuildLedger (): Promise<void> {
    await this.#settler.rebuild()
    await this.rebases.bookUnguarded('the ledger was damaged and was built again from the jobs', 'spillway')
  }

  #run (script: JobScript, args: (string | number)[]): Promise<unknown> {
    return this.repair.guard(() => this.#scripts.run(script, args))
  }
}
