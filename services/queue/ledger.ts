/*
 * Books events: how many went in, were put back, were settled, per priority, in one Redis hash. BullMQ counts jobs; depth is
 * asked for in events. Each booking happens in the same atomic step as the move of the job that it books (see bullmq/lua/), so the
 * ledger and the jobs cannot come apart when a process or Redis is killed:
 *
 *   outstanding = enqueued + requeued + adjusted - settled        depth = outstanding - delayed (retries not yet due)
 *
 * An event that is put back is in two jobs until the batch it leaves is settled (`moving`), and a batch that two workers ran
 * because one of them died may have put more events back than it held (`repeated`). Hence the law that has to hold at any moment:
 *
 *   enqueued + repeated = done + dead + pending + rebased         pending = outstanding - moving
 *
 * `rebased` is what an operator has written off, with a reason.
 */
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { MEMBER_LIFE_MS, MOST_MEMBERS, MOST_RECORD_BYTES, type Fleet, type Member } from '../fleet/member.ts'
import { BatchSteps, type StepOptions } from './batch-steps.ts'
import { parseBatchId, type Batch, type Move } from './batch.ts'
import { loadJobScripts, type JobScript, type JobScripts } from './bullmq/job-scripts.ts'
import { decodeReading, type SampleNotes, type SampleReply } from './decode-reading.ts'
import type { QueueKeys } from './keys.ts'
import { LockLostError } from './lock-lost-error.ts'
import { LAST_RANK, rankOf } from './rank.ts'
import type { QueueReading } from './reading.ts'
import { Rebases } from './rebases.ts'
import { Repair, type Damage, type WatchedKey } from './repair.ts'

/** A stub lives at least this long, so that a late second try of an add finds it. */
const SHORTEST_STUB_LIFE_MS = 10_000
const MOST_SETTLED_AT_ONCE = 500
const RECOUNT_LEASE_MS = 8_000
/** How long a process that went silent may come back and repeat its last booking without doubling it. */
const BOOKING_NUMBER_LIFE_MS = 86_400_000

/**
 * How long a retry waits behind first tries of its class; after that it goes before those of its own priority, one
 * batch of each class a second.
 */
const RETRY_PATIENCE_MS = 30_000
const HASTEN_INTERVAL_MS = 1_000

/** Above this many jobs a recount would hold Redis up for too long, and waits until the queue is shorter. */
const MOST_RECOUNTED_JOBS = 20_000

/** The same, when the ledger is gone: until it is built again nobody knows the depth. */
const MOST_JOBS_REBUILT = 200_000

export interface LedgerOptions extends StepOptions {
  /** How many finished batches are remembered at most. */
  mostReceipts: number
  /** How long a retry waits behind first tries of its class; milliseconds. */
  retryPatienceMs?: number
  /** Called with each thing in Redis that cannot be read. */
  onDamage?: (damage: Damage) => void
}

export interface Announcement {
  readonly member: Member
  /** Whether it says something that the others should know at once. */
  readonly isNews?: boolean
}

/** Amounts by field of what happened at admission in this process, to be added to those of the others. */
export type AdmissionCounts = Readonly<Record<string, number>>

export class Ledger {
  readonly #redis: Redis
  readonly #keys: QueueKeys
  readonly #options: LedgerOptions
  readonly #scripts: JobScripts
  readonly #processId = randomUUID()
  /** The commands that go into the atomic step which adds a batch. */
  readonly steps: BatchSteps
  /** Mends what is damaged in Redis; others add the keys that they read. */
  readonly repair: Repair
  /** The differences that operators have written off. */
  readonly rebases: Rebases
  /** The counts that the last unanswered call tried to book at admission, with its number. */
  #admissionBooking: { number: number, counts: AdmissionCounts } = { number: 0, counts: {} }
  #fleet: Fleet = { members: [], skipped: 0 }
  #fleetChanges = ''

  constructor (redis: Redis, keys: QueueKeys, options: LedgerOptions) {
    this.#redis = redis
    this.#options = options
    this.#scripts = loadJobScripts(redis)
    this.#keys = keys
    this.steps = new BatchSteps(redis, keys, options)
    this.repair = new Repair(redis, keys, options.onDamage ?? (() => {}))
    this.repair.watch([
      { key: keys.fleet, type: 'hash' },
      { key: keys.control, type: 'hash', numbers: ['resets', 'fleet'] },
      { key: keys.receipts, type: 'zset' },
      { key: keys.seenCounts, type: 'hash', numbers: 'fields' },
      { key: keys.recountLease, type: 'string', numbers: 'lease' },
      { key: keys.hastenLease, type: 'string', numbers: 'lease' },
      { key: keys.lastBooking(this.#processId), type: 'string', numbers: 'value' }
    ])
    this.rebases = new Rebases(redis, this.repair, keys)
  }

  /** The ledger itself as a key to watch: after the lists of jobs, from which it is built again. */
  get watchedKey (): WatchedKey {
    return { key: this.#keys.ledger, type: 'hash', numbers: 'fields', rebuild: () => this.#rebuild() }
  }

  /** Whether a worker has a batch still. */
  async hasLock (batchId: string, token: string): Promise<boolean> {
    return await this.repair.guard(() => this.#redis.get(this.#keys.jobs.lockOf(batchId))) === token
  }

  /**
   * Counts that a stalled batch is about to be run alone; answers how often that has been so.
   *
   * @throws LockLostError when it is no longer the worker's
   */
  async beginAlone (batchId: string, token: string): Promise<number> {
    const times = (await this.#run('begin-alone', [
      this.#keys.jobs.of(batchId), this.#keys.jobs.lockOf(batchId), token
    ])) as number
    if (times < 0) throw new LockLostError(batchId)
    return times
  }

  /** Takes back that count, for a worker that lost the lock of the batch and lives: it was not the batch that ended it. */
  async endAlone (batchId: string): Promise<void> {
    await this.#run('end-alone', [this.#keys.jobs.of(batchId)])
  }

  /**
   * Settles finished jobs and reads the state of the queue, atomically.
   *
   * @param announcement puts a record of this process in place of the one before
   * @param takeAdmissionCounts hands over what happened at admission since it was last asked; booked exactly once, however many calls it takes
   * @param knownSettings the fingerprint of the settings that need not be answered
   */
  async sample (
    announcement?: Announcement, takeAdmissionCounts: () => AdmissionCounts = () => ({}), knownSettings = ''
  ): Promise<QueueReading> {
    const keys = this.#keys
    const { wait, prioritized, active, delayed, completed, failed, meta, limiter } = keys.jobs
    const { receiptTtlMs, mostReceipts } = this.#options
    // A booking whose call got no answer is tried again first, under the number it had: it may be in the ledger or not.
    const isRepeat = Object.keys(this.#admissionBooking.counts).length > 0
    if (!isRepeat) this.#admissionBooking = { number: this.#admissionBooking.number + 1, counts: takeAdmissionCounts() }
    const { number, counts } = this.#admissionBooking
    const reply = await this.#run('sample', [
      wait, prioritized, active, delayed, completed, failed, meta, limiter,
      keys.ledger, keys.due, keys.fleet, keys.control, keys.receipts, keys.lastBooking(this.#processId), keys.seenCounts,
      keys.settings,
      keys.jobs.prefix,
      MOST_SETTLED_AT_ONCE,
      Math.max(receiptTtlMs, SHORTEST_STUB_LIFE_MS),
      announcement === undefined ? '' : JSON.stringify(announcement.member),
      MEMBER_LIFE_MS,
      mostReceipts,
      number,
      BOOKING_NUMBER_LIFE_MS,
      announcement?.member.id ?? '',
      LAST_RANK,
      knownSettings,
      MOST_MEMBERS,
      MOST_RECORD_BYTES,
      this.#fleetChanges,
      announcement?.isNews === true ? 1 : 0,
      ...Object.entries(counts).flat()
    ]) as SampleReply
    this.#admissionBooking = { number, counts: {} }
    const { reading, notes } = decodeReading(reply, this.#fleet)
    this.#fleet = reading.fleet
    this.#fleetChanges = reading.control.fleet ?? ''
    this.#attend(notes)
    return reading
  }

  /** Sees to what a sample found, beside whatever else goes on; the next one finds what was not done. */
  #attend ({ damagedKeys, strangeEntries, waitingRetries }: SampleNotes): void {
    if (strangeEntries.includes('fleet')) this.repair.report({ key: this.#keys.fleet, entry: 'a process' })
    if (damagedKeys.length > 0 || strangeEntries.some((name) => name !== 'fleet')) {
      for (const key of damagedKeys) this.repair.report({ key })
      void this.repair.check().catch(() => {})
    }
    const { retryPatienceMs = RETRY_PATIENCE_MS } = this.#options
    const overdue = waitingRetries.filter(({ waitedMs }) => waitedMs > retryPatienceMs)
    if (overdue.length > 0) void this.#hasten(overdue.map(({ id }) => id)).catch(() => {})
  }

  async #hasten (ids: readonly string[]): Promise<void> {
    const ranked = ids.flatMap((id) => [id, rankOf(parseBatchId(id)?.priority ?? 0)])
    await this.#run('hasten', [
      this.#keys.jobs.prioritized, this.#keys.hastenLease, HASTEN_INTERVAL_MS, ...ranked
    ])
  }

  /** Lets the first batch that ranks behind this rank be taken next, before all others. Does nothing while another one goes first. */
  async passTurn (rank: number): Promise<void> {
    await this.#run('pass-turn', [this.#keys.jobs.prioritized, rank])
  }

  /** Part of a repair, so it must not wait for one. */
  async #rebuild (): Promise<void> {
    await this.#scripts.run('recount', this.#recountArgs(MOST_JOBS_REBUILT, 0))
    await this.rebases.bookUnguarded('the ledger was damaged and was built again from the jobs', 'spillway')
  }

  /** Makes the ledger agree with the jobs. Answers by how many events it was off, -1 when it was not this call's turn. */
  async recount (): Promise<number> {
    return (await this.#run('recount', this.#recountArgs(MOST_RECOUNTED_JOBS, RECOUNT_LEASE_MS))) as number
  }

  #recountArgs (mostJobs: number, leaseMs: number): (string | number)[] {
    const { wait, prioritized, active, delayed, completed, failed, prefix } = this.#keys.jobs
    const { ledger, recountLease } = this.#keys
    return [wait, prioritized, active, delayed, completed, failed, ledger, recountLease, mostJobs, leaseMs, prefix]
  }

  /**
   * Books and removes a job that BullMQ gave up on, once its events are dead letters. Answers whether it is off the
   * list.
   */
  async settleFailed (jobId: string): Promise<boolean> {
    const { priority, count } = parseBatchId(jobId) ?? { priority: 0, count: 0 }
    return (
      (await this.#run('settle-failed', [
        this.#keys.jobs.failed, this.#keys.jobs.of(jobId), this.#keys.ledger, jobId, priority, count
      ])) === 1
    )
  }

  /** Records on the stub of a batch that was not added as it was where its events went instead. */
  async recordMoves ({ id, secret }: Batch, moves: readonly Move[]): Promise<void> {
    const key = this.#keys.jobs.of(id)
    const fields = { void: 1, result: JSON.stringify({ moves }), ...(secret !== undefined && { secret }) }
    await this.#redis.multi().hset(key, fields).pexpire(key, this.steps.stubLifeMs).exec()
  }

  /** Takes a process off the list at once, instead of when its record expires. */
  async removeMember (id: string): Promise<void> {
    await this.repair.guard(() => this.#redis.hdel(this.#keys.fleet, id))
    await this.repair.guard(() => this.#redis.hincrby(this.#keys.control, 'fleet', 1))
  }

  /** Writes a field that all replicas see with their next sample. */
  async setControl (field: string, value: string): Promise<void> {
    await this.repair.guard(() => this.#redis.hset(this.#keys.control, field, value))
  }

  /** Counts a control field up and sets another in the same step; replicas act when they see that the count changed. */
  async bumpControl (field: string, alongside: { field: string, value: string }): Promise<void> {
    const key = this.#keys.control
    await this.repair.guard(async () => {
      for (const [error] of await this.#redis.multi().hset(key, alongside.field, alongside.value).hincrby(key, field, 1).exec() ?? []) {
        if (error !== null) throw error
      }
    })
  }

  #run (script: JobScript, args: (string | number)[]): Promise<unknown> {
    return this.repair.guard(() => this.#scripts.run(script, args))
  }
}
