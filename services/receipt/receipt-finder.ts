/*
 * Follows an event to where it is. Its id names its place, or what is remembered of it does; a batch that is finished
 * tells which of its events went on into which other batch, and the mark of a replayed dead letter tells where its
 * event went:
 *
 *   id ─► digest ─► place of the first post ─┐
 *   id ─► checked against the batch's secret ┴► batch.index ─► batch ─► moved: the next batch, and the index there ─► …
 *                                                               └─► waiting, active, delayed, done, dead letter
 *
 * A batch is put back before the one that it leaves is finished, so there is no moment in which an event is in neither.
 */
import { idempotencyDigest } from '../event/idempotency-key.ts'
import type { DeadLetterFate } from '../dead-letters/dead-letter.ts'
import { batchTimeMs, parseBatchId, parsePlaceId, type Move, type Place } from '../queue/batch.ts'
import type { BatchTrace } from '../queue/bullmq/batch-trace.ts'
import { isPlaceDigest } from '../queue/place-digest.ts'
import type { Remembered } from '../queue/remembered.ts'
import type { Receipt } from './receipt.ts'

/** More often than this no event is put back while the first of its batches is remembered. */
export const MOST_HOPS = 2_000

export interface ReceiptFinderOptions {
  queue: {
    trace: (batchId: string) => Promise<BatchTrace>
    /** The event that is remembered by the first of these digests that is known. */
    remembered: (digests: readonly string[]) => Promise<Remembered | undefined>
  }
  /** The fate of the dead letter of an event. */
  fateOf: (batchId: string, index: number) => Promise<DeadLetterFate | undefined>
  /** The events on the local disk of this process. */
  spool: {
    has: (batchId: string) => boolean
    secretOf: (batchId: string) => string | undefined
    remembered: (digest: string) => Remembered | undefined
  }
  /** Tells an error that says that the queue is away from one that is a mistake. */
  isOutage: (error: unknown) => boolean
}

/** Names an event: the answered id, or its own id or Idempotency-Key within its organization and CloudEvent source. */
export interface ReceiptQuery {
  readonly id: string
  readonly organizationId?: string | undefined
  readonly source?: string | undefined
}

/** An event that is looked for. */
interface Wanted {
  readonly id: string
  readonly place: Place
  /** Set while nothing but an answered id says that this is the event: the digest that has to be that of the place. */
  readonly digest?: string | undefined
}

/** Facts of an event that were seen on the way to where it is. */
interface Seen {
  readonly priority: number
  addedMs?: number | undefined
  spooledBatchId?: string | undefined
}

const UNAVAILABLE = Object.freeze({ status: 'unavailable' as const })

/** Finds where events are. */
export class ReceiptFinder {
  readonly #options: ReceiptFinderOptions

  constructor (options: ReceiptFinderOptions) {
    this.#options = options
  }

  /** Answers `unavailable` when the queue is away and the event is not in the spool. */
  async find (query: ReceiptQuery): Promise<Receipt | typeof UNAVAILABLE> {
    const { queue, spool, isOutage } = this.#options
    const digests = digestsOf(query)
    const spooled = digests.map((digest) => spool.remembered(digest)).find((event) => event !== undefined)
    // The id alone tells this, and nothing else does while the queue cannot be asked.
    let wanted = spooled === undefined ? wantedById(query.id) : wantedAt(spooled)
    try {
      const remembered = await queue.remembered(digests)
      if (remembered !== undefined) wanted = wantedAt(remembered)
      return wanted === undefined ? { id: query.id, status: 'unknown' } : await this.#follow(wanted)
    } catch (error) {
      if (!isOutage(error)) throw error
      if (
        wanted === undefined ||
        !spool.has(wanted.place.batchId) ||
        !isGenuine(wanted, spool.secretOf(wanted.place.batchId))
      ) {
        return UNAVAILABLE
      }
      return spooledReceipt(wanted.id, wanted.place.batchId)
    }
  }

  async #follow (wanted: Wanted): Promise<Receipt> {
    const { queue, spool, fateOf } = this.#options
    const { id } = wanted
    const unknown: Receipt = { id, status: 'unknown' }
    const seen: Seen = { priority: priorityOf(wanted.place.batchId) }
    let { place } = wanted
    let isKnown = wanted.digest === undefined
    for (let hops = 0; hops <= MOST_HOPS; hops++) {
      const { batchId, index } = place
      // Asked first: what leaves the spool is in the queue before it does.
      const spooledSecret = spool.secretOf(batchId)
      if (spool.has(batchId)) seen.spooledBatchId = batchId
      const trace = await queue.trace(batchId)
      isKnown ||= isGenuine(wanted, trace.state === 'missing' ? spooledSecret : trace.secret)
      if (!isKnown && trace.state !== 'missing') return unknown
      if ('addedMs' in trace) seen.addedMs ??= trace.addedMs
      const moved = 'moves' in trace ? movedTo(trace.moves, index) : undefined
      const fate = moved === undefined && mayHaveDeadLetter(trace, index) ? await fateOf(batchId, index) : undefined
      // Only the dead letter can tell whose id it is once the batch is no longer known.
      isKnown ||= fate !== undefined && idOf(fate) === id
      if (!isKnown) return unknown
      const next = fate?.status === 'moved' ? parsePlaceId(fate.place) : moved
      if (next === undefined) return receiptOf(id, place, trace, fate, seen)
      place = next
    }
    return unknown
  }
}

function receiptOf (
  id: string, { index }: Place, trace: BatchTrace, fate: DeadLetterFate | undefined,
  { priority, addedMs, spooledBatchId }: Seen
): Receipt {
  const enqueued = addedMs === undefined ? {} : { enqueuedAt: rfc3339(addedMs) }
  const dead = { id, status: 'dead-letter' as const, priority, ...enqueued }
  if (fate?.status === 'deleted') return { ...dead, diedAt: fate.diedAt, deletedAt: fate.deletedAt }
  if (fate?.status === 'kept') {
    const { id: deadLetterId, event: { type }, reason, attempts, diedAt } = fate.deadLetter
    return { ...dead, type, attempt: attempts, diedAt, reason, deadLetterId }
  }
  if (trace.state === 'void' || trace.state === 'missing') return spooledReceipt(id, spooledBatchId)
  if (trace.state === 'settled') {
    const { startedMs, settledMs, deadIndexes } = trace
    if (deadIndexes.includes(index)) return { ...dead, diedAt: rfc3339(settledMs) }
    return {
      id,
      status: 'done',
      priority,
      ...enqueued,
      ...(startedMs !== undefined && { startedAt: rfc3339(startedMs) }),
      finishedAt: rfc3339(settledMs)
    }
  }
  const event = trace.events[index]
  if (event === undefined) return { id, status: 'unknown' }
  const queued = {
    id, priority, type: event.type, attempt: event.attempt ?? 1, receivedAt: event.receivedAt,
    enqueuedAt: rfc3339(addedMs ?? trace.addedMs)
  }
  if (trace.state === 'waiting') return { status: 'waiting', ...queued }
  if (trace.state === 'delayed') return { status: 'retrying', ...queued, nextAttemptAt: rfc3339(trace.dueMs) }
  return { status: 'active', ...queued, ...(trace.startedMs !== undefined && { startedAt: rfc3339(trace.startedMs) }) }
}

/** Only the dead letters are left of a batch that was given up as a whole. */
function mayHaveDeadLetter (trace: BatchTrace, index: number): boolean {
  return (
    trace.state === 'missing' ||
    trace.state === 'failed' ||
    (trace.state === 'settled' && trace.deadIndexes.includes(index))
  )
}

/** An own id first; a CloudEvent's source says that it is one. */
function digestsOf ({ id, organizationId, source }: ReceiptQuery): string[] {
  const identities = [{ organizationId, id, source }, ...(source === undefined ? [{ organizationId, idempotencyKey: id }] : [])]
  return identities.map((identity) => idempotencyDigest(identity) as string)
}

/** An id without a digest is no answered one, and leads nowhere. */
function wantedById (id: string): Wanted | undefined {
  const place = parsePlaceId(id)
  return place?.digest === undefined ? undefined : { id, place, digest: place.digest }
}

/** A remembered event was found by the name that its producer gave it. */
function wantedAt ({ id, place }: Remembered): Wanted | undefined {
  const found = parsePlaceId(place)
  return found === undefined ? undefined : { id, place: found }
}

function isGenuine ({ place, digest }: Wanted, secret: string | undefined): boolean {
  return digest === undefined || (secret !== undefined && isPlaceDigest(secret, place.index, digest))
}

function idOf (fate: DeadLetterFate): string | undefined {
  if (fate.status === 'kept') return fate.deadLetter.event.id
  return fate.status === 'moved' ? fate.eventId : undefined
}

function priorityOf (batchId: string): number {
  return parseBatchId(batchId)?.priority ?? 0
}

/** @param batchId the batch that was seen in the spool, if any was */
function spooledReceipt (id: string, batchId: string | undefined): Receipt {
  if (batchId === undefined) return { id, status: 'unknown' }
  const receivedMs = batchTimeMs(batchId)
  return {
    id, status: 'spooled', priority: priorityOf(batchId),
    ...(receivedMs !== undefined && { receivedAt: rfc3339(receivedMs) })
  }
}

function movedTo (moves: readonly Move[], index: number): Place | undefined {
  for (const [batchId, indexes, offset = 0] of moves) {
    const position = indexes.indexOf(index)
    if (position !== -1) return { batchId, index: offset + position }
  }
  return undefined
}

function rfc3339 (milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
