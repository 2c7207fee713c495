/*
 * Adds a batch as a job, books it in the ledger and remembers its keys, all in one step of Redis. The commands of
 * BullMQ are recorded and run as one of several scripts; see atomic-scripts.ts.
 */
import type { Redis } from 'ioredis'
import { isReply, isUnsent } from '../redis/outage.ts'
import { Reconnection } from '../redis/reconnection.ts'
import { AtomicScripts, type ScriptCommand } from './atomic-scripts.ts'
import { encodeBatch } from './batch-data.ts'
import { encodeOutline, LARGE_BATCH } from './batch-outline.ts'
import type { BatchQueue } from './bullmq/batch-queue.ts'
import type { Booking } from './batch-steps.ts'
import { ageMsOf, type Batch } from './batch.ts'
import type { JobRebuilder } from './bullmq/job-rebuilder.ts'
import type { Ledger } from './ledger.ts'
import type { Merger } from './merged-batch.ts'
import { rankOf, type Standing } from './rank.ts'
import { decodeRepeats, type Repeat } from './remembered.ts'
import { UnconfirmedError } from './unconfirmed-error.ts'

/** Text in the error of an add that needed an append-only file where there is none. */
export const NOT_SYNCED = 'SPILLWAY_NOT_SYNCED'

export interface Addition {
  booking: Booking
  delayMs?: number
  standing?: Standing
  /** The batch that requeued events leave. */
  parentId?: string
  /** Whether Redis has to write an append-only file for it. */
  needsSync?: boolean | undefined
  /** Go before the add, in the same step; each voids the batch when it finds that it must not be added. */
  before?: readonly ScriptCommand[] | undefined
  /** The events waited elsewhere for this long: the batch goes before what came after them. */
  ageMs?: number | undefined
  /** Makes the batch count as one that stalled. */
  isStalled?: boolean
  /** Called when the command goes out. */
  onSent?: (() => void) | undefined
}

/** The parts of a merged batch, and those that turned out to be in the queue. */
interface Merging {
  readonly merger: Merger
  readonly known: Set<string>
}

/** How a batch of new events is added. */
export interface Adding {
  /** Its events were answered 202 before: the batch goes before what came after them. */
  readonly isPromised?: boolean
  readonly needsSync?: boolean | undefined
  readonly onSent?: (() => void) | undefined
  readonly merging?: Merging
}

const NO_REPEATS: readonly Repeat[] = Object.freeze([])

export class BatchAddition {
  readonly #bullmq: BatchQueue
  readonly #ledger: Ledger
  readonly #rebuilder: JobRebuilder
  readonly #scripts: AtomicScripts
  readonly #reconnection: Reconnection

  constructor (
    redis: Redis,
    bullmq: BatchQueue,
    ledger: Ledger,
    rebuilder: JobRebuilder,
    patienceMs?: number
  ) {
    this.#bullmq = bullmq
    this.#ledger = ledger
    this.#rebuilder = rebuilder
    this.#scripts = new AtomicScripts(redis)
    this.#reconnection = new Reconnection(redis, patienceMs)
  }

  /**
   * Adds a batch of new events, once more on the next connection when this one breaks; answers which of them are known.
   *
   * @throws UnconfirmedError when it may have been added all the same
   */
  async addOnce (batch: Batch, { isPromised = false, onSent, needsSync, merging }: Adding): Promise<readonly Repeat[]> {
    const remembering = this.#ledger.steps.rememberingOf(batch)
    const absorbing = merging && this.#ledger.steps.absorbingOf(merging.merger, remembering !== undefined)
    const addition: Addition = {
      booking: 'enqueued',
      before: [remembering, absorbing].filter((command) => command !== undefined),
      onSent,
      needsSync,
      ageMs: isPromised ? ageMsOf(batch, Date.now()) : undefined
    }
    let replies: unknown[]
    try {
      replies = await this.add(batch, addition)
    } catch (error) {
      if (isReply(error)) throw error
      const mayBeAdded = !isUnsent(error)
      if (!await this.#reconnection.isBack()) throw mayBeAdded ? new UnconfirmedError(error) : error
      replies = await this.add(batch, addition).catch((second: unknown) => {
        throw mayBeAdded || !(isReply(second) || isUnsent(second)) ? new UnconfirmedError(second) : second
      })
    }
    for (const id of absorbing === undefined ? [] : replies.at(-1) as string[]) merging?.known.add(id)
    const reply = remembering === undefined ? undefined : replies[0]
    return Array.isArray(reply) && reply.length > 0 ? decodeRepeats(reply) : NO_REPEATS
  }

  /** Adds a batch and books it, in one step with what goes before; resolves with what each of that answered. */
  async add (
    batch: Batch,
    {
      booking, delayMs = 0, standing = 'first', parentId, before = [], isStalled = false, ageMs, onSent, needsSync = false
    }: Addition
  ): Promise<unknown[]> {
    const rank = rankOf(batch.priority, standing)
    const data = encodeBatch(batch)
    const add = await this.#bullmq.additionOf({ id: batch.id, data, rank, delayMs })
    const outline = data.length < LARGE_BATCH ? '' : encodeOutline(batch.events)
    const count = this.#ledger.steps.bookingOf(batch, booking, { delayMs, parentId, outline })
    const check = needsSync ? [this.#ledger.steps.syncRequirementOf(batch, NOT_SYNCED)] : []
    const place = ageMs === undefined ? [] : [this.#ledger.steps.placingOf(batch, rank, ageMs)]
    const mark = isStalled ? [this.#ledger.steps.markingOf(batch)] : []
    const replies = await this.#ledger.repair.guard(() => {
      const added = this.#scripts.run([...check, ...before, add, count, ...place, ...mark])
      onSent?.()
      return added
    }, () => this.#rebuilder.takeBack(batch.id))
    return replies.slice(check.length, check.length + before.length)
  }
}
