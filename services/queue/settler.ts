/*
 * One process of many settles a shard: it books finished jobs, removes expired entries, and moves retries ahead that
 * have waited too long. Every ten seconds it has damaged keys repaired and the ledger compared with the jobs. It also
 * reads the queue for the others, see reading-feed.ts. A lease in Redis names this process, and each reading contains
 * the name; the first process that reads that nobody has the lease takes it.
 */
import { randomUUID } from 'node:crypto'
import { setImmediate } from 'node:timers/promises'
import type { Redis } from 'ioredis'
import type { StepOptions } from './batch-steps.ts'
import { parseBatchId } from './batch.ts'
import { loadJobScripts, type JobScript, type JobScripts } from './bullmq/job-scripts.ts'
import { priorityClass } from '../admission/priority-class.ts'
import type { NextBatch, ReadingNotes } from './decode-reading.ts'
import type { QueueKeys } from './keys.ts'
import { isRetryRank, LAST_RANK, rankOf } from './rank.ts'
import type { Damage, Repair } from './repair.ts'

/** If the settling process dies, another one takes over with its first reading after this time. */
const LEASE_MS = 1_000

/** How long a process does not try to publish that Redis has not let publish. */
const REFUSED_MS = 60_000

/** The shortest life of a stub: a late second try of an add must still meet it. */
const SHORTEST_STUB_LIFE_MS = 10_000
const MOST_SETTLED_AT_ONCE = 500

/**
 * How long a retry waits behind first tries of its class. After that, retries go before those of their own priority,
 * one batch of each class a second.
 */
const RETRY_PATIENCE_MS = 30_000
const HASTEN_INTERVAL_MS = 1_000

/** The best priority of normal events, before which a low batch goes that has waited too long; one in this time. */
const FIRST_NORMAL = 2
const AGEING_INTERVAL_MS = 10_000

const RECOUNT_INTERVAL_MS = 10_000

/** Above this many jobs a recount would block Redis for too long, and waits until the queue is shorter. */
const MOST_RECOUNTED_JOBS = 20_000

/** The same if the ledger is gone: the depth is unknown until it is rebuilt. */
const MOST_JOBS_REBUILT = 200_000

export interface SettlerOptions extends Pick<StepOptions, 'receiptTtlMs'> {
  /** Most finished batches that are remembered. */
  mostReceipts: number
  /** How long a retry waits behind first tries of its class; milliseconds. */
  retryPatienceMs?: number
  /** How long low events wait behind normal ones; milliseconds, for ever if undefined. */
  lowPatienceMs?: () => number | undefined
  /** Called with each damage in Redis. */
  onDamage?: (damage: Damage) => void
  /** Called if Redis does not let this user publish readings for the other processes. */
  onUnpublished?: () => void
  /** Called with the difference in events after a correction of the ledger. */
  onCorrected?: (events: number) => void
  /** Milliseconds, of any clock that does not go back. */
  now?: () => number
}

export class Settler {
  /** Names this process as the holder of the lease. */
  readonly name = randomUUID()
  readonly #scripts: JobScripts
  readonly #keys: QueueKeys
  readonly #repair: Repair
  readonly #options: SettlerOptions
  readonly #now: () => number
  #hastenedAt = -Infinity
  #agedAt = -Infinity
  #recountedAt: number
  #holder: string | undefined = this.name
  #publishesAgainAt = -Infinity
  #hasMore = false

  constructor (redis: Redis, keys: QueueKeys, repair: Repair, options: SettlerOptions) {
    this.#scripts = loadJobScripts(redis)
    this.#keys = keys
    this.#repair = repair
    this.#options = options
    this.#now = options.now ?? (() => performance.now())
    this.#recountedAt = this.#now()
    repair.watch([
      { key: keys.settleLease, type: 'string', numbers: 'lease' },
      { key: keys.receipts, type: 'zset' }
    ])
  }

  /** Whether the next reading should follow immediately: nobody settles, or this process has more to settle. */
  get isBehind (): boolean { return this.#holder === undefined || (this.isHolder && this.#hasMore) }

  /** Whether another process settles and reads for all. */
  get isFollower (): boolean { return this.#holder !== undefined && !this.isHolder }

  /** Whether this process should publish its next reading. */
  get mayPublish (): boolean { return this.isHolder && this.#now() >= this.#publishesAgainAt }

  /** Whether this process settles and reads for all, as far as it knows. */
  get isHolder (): boolean { return this.#holder === this.name }

  /** Whether this is the process that had the lease when this one read last. */
  follows (holder: string | null): boolean { return this.isFollower && this.#holder === holder }

  /** Settles finished jobs, unless another process does. Sends its command before it returns. */
  async settle (): Promise<void> {
    if (this.isFollower) return
    const { settleLease, ledger, receipts, seenCounts, due, jobs } = this.#keys
    const { receiptTtlMs, mostReceipts } = this.#options
    const answer = await this.#run('settle', [
      settleLease, jobs.completed, ledger, receipts, seenCounts, due,
      this.name, LEASE_MS, jobs.prefix, MOST_SETTLED_AT_ONCE, Math.max(receiptTtlMs, SHORTEST_STUB_LIFE_MS),
      mostReceipts
    ]) as [left: number, damagedKeys: string[]] | null
    this.#hasMore = answer !== null && answer[0] > 0
    if (answer !== null) this.#attend(answer[1])
  }

  /** Learns from a reading which process settles; if it is this one, handles its other findings. */
  observe ({ settler, damagedKeys, strangeEntries, next, isPublished }: ReadingNotes): void {
    this.#holder = settler
    if (!this.isHolder) return
    if (isPublished === false) {
      this.#publishesAgainAt = this.#now() + REFUSED_MS
      this.#options.onUnpublished?.()
    }
    this.#attend(damagedKeys, strangeEntries.length > 0)
    const { retryPatienceMs = RETRY_PATIENCE_MS } = this.#options
    const overdue = next.filter(({ rank, waitedMs }) => isRetryRank(rank) && waitedMs > retryPatienceMs)
    if (overdue.length > 0 && this.#now() - this.#hastenedAt >= HASTEN_INTERVAL_MS) {
      this.#hastenedAt = this.#now()
      this.#hasten(overdue.map(({ id }) => [id, rankOf(parseBatchId(id)?.priority ?? 0)]))
    }
    this.#age(next)
  }

  /** Has keys repaired and the ledger compared with the jobs, every ten seconds, in the process that settles. */
  async recountWhenDue (): Promise<void> {
    const at = this.#now()
    if (!this.isHolder || at - this.#recountedAt < RECOUNT_INTERVAL_MS) return
    this.#recountedAt = at
    await this.#repair.check().catch(() => {})
    const off = await this.recount().catch(() => 0)
    // Answers that arrived together with this one are passed on first.
    await setImmediate()
    if (off > 0) this.#options.onCorrected?.(off)
  }

  /** Returns the difference of the ledger in events; -1 if there are too many jobs for a recount. */
  async recount (): Promise<number> {
    return await this.#run('recount', this.#recountArgs(MOST_RECOUNTED_JOBS)) as number
  }

  /** The same for a lost ledger. Runs within a repair, so it must not wait for one. */
  async rebuild (): Promise<void> {
    await this.#scripts.run('recount', this.#recountArgs(MOST_JOBS_REBUILT))
  }

  /** Runs in the background; the next reading reports the remaining work again. */
  #attend (damagedKeys: readonly string[], isStrange = false): void {
    if (damagedKeys.length === 0 && !isStrange) return
    for (const key of damagedKeys) this.#repair.report({ key })
    void this.#repair.check().catch(() => {})
  }

  /** Lets the low batch that has waited longest go before normal ones, so that they cannot keep it waiting for ever. */
  #age (next: readonly NextBatch[]): void {
    const patienceMs = this.#options.lowPatienceMs?.() ?? Infinity
    if (this.#now() - this.#agedAt < AGEING_INTERVAL_MS) return
    const [longest] = next
      .filter(({ id, rank, waitedMs }) => waitedMs > patienceMs && rank > rankOf(FIRST_NORMAL) && rank < LAST_RANK &&
        priorityClass(parseBatchId(id)?.priority ?? FIRST_NORMAL) === 'low')
      .toSorted((one, other) => other.waitedMs - one.waitedMs)
    if (longest === undefined) return
    this.#agedAt = this.#now()
    this.#hasten([[longest.id, rankOf(FIRST_NORMAL)]])
  }

  /** Puts batches before all others of a rank; what fails is tried again with a later reading. */
  #hasten (ranked: readonly (readonly [id: string, rank: number])[]): void {
    this.#run('hasten', [this.#keys.jobs.prioritized, ...ranked.flat()]).catch(() => {})
  }

  #recountArgs (mostJobs: number): (string | number)[] {
    const { wait, prioritized, active, delayed, completed, failed, prefix } = this.#keys.jobs
    return [wait, prioritized, active, delayed, completed, failed, this.#keys.ledger, mostJobs, prefix]
  }

  #run (script: JobScript, args: (string | number)[]): Promise<unknown> {
    return this.#repair.guard(() => this.#scripts.run(script, args))
  }
}
