/*
 * Adds a batch as a job, books it in the ledger and remembers its keys, all in one step of Redis. The commands of
 * BullMQ are recorded and run as one of several scripts; see atomic-scripts.ts.
 */
import type { Redis } from 'ioredis'
import type { OnSent } from '../admission/in-transit.ts'
import { withPayloadText } from '../event/event-json.ts'
import type { QueuedEvent } from '../event/event.ts'
import { conflictingFields } from '../event/identity-conflict.ts'
import { isMoved, isReply, isUnsent } from '../redis/outage.ts'
import { Reconnection } from '../redis/reconnection.ts'
import { passAnswer } from './add-answer.ts'
import { AtomicScripts, type ScriptCommand } from './atomic-scripts.ts'
import { encodeBatch } from './batch-data.ts'
import { encodeOutline, LARGE_BATCH } from './batch-outline.ts'
import type { BatchQueue } from './bullmq/batch-queue.ts'
import type { BatchSteps, Booking } from './batch-steps.ts'
import { BatchStubs } from './batch-stubs.ts'
import { ageMsOf, childBatch, parsePlaceId, type Batch, type Move } from './batch.ts'
import type { JobRebuilder } from './bullmq/job-rebuilder.ts'
import type { Charge, FairOrder } from '../organizations/fair-order.ts'
import type { QueueKeys } from './keys.ts'
import { merge, type Merger } from './merged-batch.ts'
import { rankOf, type Standing } from './rank.ts'
import { decodeRepeats, type Repeat } from './remembered.ts'
import type { Repair } from './repair.ts'
import { allOrInDoubt, UnconfirmedError } from './unconfirmed-error.ts'

/** Text in the error of an add that needs an append-only file if Redis has none. */
export const NOT_SYNCED = 'SPILLWAY_NOT_SYNCED'

/** Text in the error of an add for which the queue has no room; the depth and the bound follow it. */
const NO_ROOM = 'SPILLWAY_NO_ROOM'

/** Whether an add failed because the queue would have held more events than the batch may find there. */
export function isWithoutRoom (error: unknown): boolean {
  return isReply(error) && (error as Error).message.includes(NO_ROOM)
}

export interface Addition {
  booking: Booking
  delayMs?: number
  standing?: Standing
  /** The batch from which requeued events come. */
  parentId?: string
  /** Whether Redis has to write an append-only file for it. */
  needsSync?: boolean | undefined
  /** Commands before the add, in the same step; each voids the batch if it must not be added. */
  before?: readonly ScriptCommand[] | undefined
  /** How long the events waited elsewhere: the batch is placed before batches of later events. */
  ageMs?: number | undefined
  /** Makes the batch count as stalled. */
  isStalled?: boolean
  /** Called when the command is sent, and what it returns with the answer. */
  onSent?: OnSent | undefined
}

/** The most events that the queue may hold with a batch in it. */
export type Bound = Pick<Batch, 'mostDepth'>

/** The parts of a merged batch, and those that are in the queue already. */
interface Merging {
  readonly merger: Merger
  readonly known: Set<string>
}

/** How a batch of new events is added. */
export interface Adding {
  /** Its events were answered 202 earlier: the batch is placed before batches of later events. */
  readonly isPromised?: boolean
  readonly needsSync?: boolean | undefined
  readonly onSent?: OnSent | undefined
  readonly merging?: Merging
  /** Absent if no other shard can remember an event. */
  readonly findElsewhere?: FindElsewhere | undefined
}

/** Returns the events of a batch that shards other than its own remember. */
export type FindElsewhere = (batch: Batch) => Promise<readonly Repeat[]>

export interface BatchAdditionOptions {
  redis: Redis
  keys: QueueKeys
  bullmq: BatchQueue
  steps: BatchSteps
  repair: Repair
  rebuilder: JobRebuilder
  /** Absent if workers take batches in the order in which they come. */
  fairOrder: FairOrder | undefined
  /** How long a write waits for a lost connection before it fails. */
  patienceMs: number | undefined
}

const NO_REPEATS: readonly Repeat[] = Object.freeze([])

export class BatchAddition {
  readonly #options: BatchAdditionOptions
  readonly #scripts: AtomicScripts
  readonly #stubs: BatchStubs
  readonly #reconnection: Reconnection

  constructor (options: BatchAdditionOptions) {
    this.#options = options
    this.#scripts = new AtomicScripts(options.redis)
    this.#stubs = new BatchStubs(options)
    this.#reconnection = new Reconnection(options.redis, options.patienceMs)
  }

  /** Adds a batch of new events. Returns the known events, and adds the others in batches of their own. */
  async add (batch: Batch, how: Adding): Promise<readonly Repeat[]> {
    const { isPromised = false, needsSync, merging, findElsewhere, onSent } = how
    const elsewhere = findElsewhere === undefined ? NO_REPEATS : await findElsewhere(batch)
    const isElsewhere = elsewhere.length > 0
    if (isElsewhere && await this.#stubs.isStored(batch)) return NO_REPEATS
    const found = isElsewhere ? elsewhere : await this.#addOnce(batch, how)
    if (merging !== undefined && merging.known.size > 0) return NO_REPEATS
    const isKept = (repeat: Repeat) =>
      isPromised && conflictingFields(repeat, batch.events[repeat.index] as QueuedEvent).length > 0
    const kept = new Set(found.filter(isKept).map(({ index }) => index))
    const repeats = kept.size === 0 ? found : found.filter(({ index }) => !kept.has(index))
    if (found.length === 0) return repeats
    const repeated = new Set(repeats.map(({ index }) => index))
    const fresh = batch.events.flatMap((_, index) => repeated.has(index) ? [] : [index])
    // Events without a key form a batch of their own, so its id does not depend on which other events are known.
    const groups = Object.values(
      Object.groupBy(fresh, (index) => (kept.has(index) ? 'kept' : batch.keys?.[index] == null ? 'unknown' : 'known'))
    )
    const rests = groups.map((indexes) => ({ indexes, child: boundedBy(batch, childOf(batch, indexes, kept)) }))
    // Receipts for the promised places of events follow these moves, also to an event that another process stored.
    const moves: Move[] = rests.map(({ indexes, child }) => [child.id, indexes])
    if (isPromised) moves.push(...repeats.flatMap(moveTo))
    if (moves.length > 0 && !isElsewhere) await this.#stubs.recordMoves(batch, moves)
    const more = await allOrInDoubt(rests.map(async ({ indexes, child }) => {
      const known = await this.add(child, { isPromised, needsSync, onSent })
      return known.map((repeat) => ({ ...repeat, index: indexes[repeat.index] as number }))
    }))
    // Only now, since the stub says that the events are in the queue.
    if (isElsewhere) await this.#stubs.voidBatch(batch, moves)
    return [...repeats, ...more.flat()]
  }

  /** Adds several batches of promised events as one, without batches that are in the queue already. */
  async addMerged (
    batches: readonly Batch[], bound: Bound, onSent?: OnSent, findElsewhere?: FindElsewhere
  ): Promise<void> {
    const [first, ...others] = batches
    if (first === undefined) return
    if (others.length === 0) {
      await this.add(boundedBy(bound, first), { isPromised: true, onSent, findElsewhere })
      return
    }
    const merger = merge(batches)
    if (findElsewhere !== undefined && (await findElsewhere(merger.whole)).length > 0) {
      await allOrInDoubt(batches.map((batch) => this.addMerged([batch], bound, onSent, findElsewhere)))
      return
    }
    const known = new Set<string>()
    await this.add(boundedBy(bound, merger.whole), { isPromised: true, onSent, merging: { merger, known } })
    if (known.size > 0) await this.addMerged(batches.filter(({ id }) => !known.has(id)), bound, onSent)
  }

  /**
   * Adds a batch of new events, and tries once more on the next connection if this one breaks; returns the known
   * events.
   *
   * @throws UnconfirmedError if the batch may have been added nevertheless
   */
  async #addOnce (
    batch: Batch, { isPromised = false, onSent, needsSync, merging }: Adding
  ): Promise<readonly Repeat[]> {
    const { steps } = this.#options
    const remembering = steps.rememberingOf(batch)
    const absorbing = merging && steps.absorbingOf(merging.merger, remembering !== undefined)
    const addition: Addition = {
      booking: 'enqueued',
      before: [remembering, absorbing].filter((command) => command !== undefined),
      onSent,
      needsSync,
      ageMs: isPromised ? ageMsOf(batch, Date.now()) : undefined
    }
    let replies: unknown[]
    try {
      replies = await this.book(batch, addition)
    } catch (error) {
      if (isReply(error) && !isMoved(error)) throw error
      const mayBeAdded = !isUnsent(error) && !isMoved(error)
      if (!await this.#reconnection.isBack()) throw mayBeAdded ? new UnconfirmedError(error) : error
      replies = await this.book(batch, addition).catch((second: unknown) => {
        throw mayBeAdded || !(isReply(second) || isUnsent(second)) ? new UnconfirmedError(second) : second
      })
    }
    for (const id of absorbing === undefined ? [] : replies.at(-1) as string[]) merging?.known.add(id)
    const reply = remembering === undefined ? undefined : replies[0]
    return Array.isArray(reply) && reply.length > 0 ? decodeRepeats(reply) : NO_REPEATS
  }

  /** Adds a batch and books it, in one step with the commands before it; resolves with their answers. */
  async book (
    batch: Batch,
    {
      booking, delayMs = 0, standing = 'first', parentId, before = [], isStalled = false, ageMs, onSent,
      needsSync = false
    }: Addition
  ): Promise<unknown[]> {
    const { bullmq, steps, repair, rebuilder, fairOrder } = this.#options
    const rank = rankOf(batch.priority, standing)
    const data = encodeBatch(batch)
    const add = await bullmq.additionOf({ id: batch.id, data, rank, delayMs })
    const outline = data.length < LARGE_BATCH ? '' : encodeOutline(batch.events)
    const room = steps.roomOf(batch, NO_ROOM)
    const count = steps.bookingOf(batch, booking, { delayMs, parentId, outline, hasRoom: room !== undefined })
    // These fail before anything is written.
    const check = [needsSync ? steps.syncRequirementOf(batch, NOT_SYNCED) : undefined, room]
      .filter((command) => command !== undefined)
    const charges = standing === 'first' && delayMs === 0 && ageMs === undefined ? this.#chargesOf(batch) : undefined
    const order = charges === undefined ? [] : [steps.orderingOf(batch, rank, charges)]
    const place = ageMs === undefined ? [] : [steps.placingOf(batch, rank, ageMs)]
    const mark = isStalled ? [steps.markingOf(batch)] : []
    const added = check.length + before.length
    const booked = added + 1 + order.length
    const replies = await repair.guard(() => {
      const answer = this.#scripts.run([...check, ...before, add, ...order, count, ...place, ...mark])
      const tell = onSent?.()
      if (tell) void passAnswer(tell, batch, answer, booked)
      return answer
    }, () => rebuilder.takeBack(batch.id))
    if (charges !== undefined) fairOrder?.observe(batch.priority, charges, replies[added + 1] as string[] | undefined)
    return replies.slice(check.length, added)
  }

  /** Undefined while workers take batches in the order in which they come. */
  #chargesOf ({ priority, events, charges }: Batch): readonly Charge[] | undefined {
    const { fairOrder } = this.#options
    return fairOrder?.isOn === true ? charges ?? fairOrder.chargesOf(priority, events) : undefined
  }
}

function boundedBy ({ mostDepth }: Bound, batch: Batch): Batch {
  return mostDepth === undefined ? batch : { ...batch, mostDepth }
}

/** Returns the move of a repeated event to the stored one. */
function moveTo ({ index, place }: Repeat): Move[] {
  const stored = parsePlaceId(place)
  return stored === undefined ? [] : [[stored.batchId, [index], stored.index]]
}

/** @param unkeyed indexes of events with the key of another event */
function childOf (
  { id, priority, events, keys, texts }: Batch, indexes: readonly number[], unkeyed: ReadonlySet<number>
): Batch {
  const own = keys && indexes.map((index) => unkeyed.has(index) ? null : keys[index] ?? null)
  const moved = indexes.map((index) => withPayloadText(events[index] as Batch['events'][number], texts?.[index]))
  return childBatch(id, priority, moved, indexes, own?.some((key) => key !== null) ? own : undefined)
}
