/*
 * Follows an event to its present place. Its id, or the record under its digest, names its first place. A finished
 * batch names the new batches of its events, and the mark of a replayed dead letter names the new place of its event:
 *
 *   id ─► digest ─► place of the first post ─┐
 *   id ─► checked against the batch's secret ┴► batch.index ─► batch ─► moved: the next batch, and the index there ─► …
 *                                                               └─► waiting, active, delayed, done, dead letter
 *
 * Events are put back before their old batch is finished, so an event is always in at least one batch.
 */
import { HIGHEST_PRIORITY, LOWEST_PRIORITY } from '../admission/priority-class.ts'
import { idempotencyDigest } from '../event/idempotency-key.ts'
import type { DeadLetterFate } from '../dead-letters/dead-letter.ts'
import { batchTimeMs, parseBatchId, parsePlaceId, type Move, type Place } from '../queue/batch.ts'
import type { BatchTrace } from '../queue/bullmq/batch-trace.ts'
import { isPlaceDigest } from '../queue/place-digest.ts'
import type { Remembered } from '../queue/remembered.ts'
import type { Receipt } from './receipt.ts'

/** Most moves of an event that can happen while its first batch is remembered. */
export const MOST_HOPS = 2_000

export interface ReceiptFinderOptions {
  queue: {
    trace: (batchId: string) => Promise<BatchTrace>
    /** Returns the remembered event of the first known digest. */
    remembered: (digests: readonly string[]) => Promise<Remembered | undefined>
  }
  /** Returns the fate of the dead letter of an event. */
  fateOf: (batchId: string, index: number) => Promise<DeadLetterFate | undefined>
  /** The events on the local disk of this process. */
  spool: {
    has: (batchId: string) => boolean
    secretOf: (batchId: string) => string | undefined
    remembered: (digest: string) => Remembered | undefined
  }
  /**
   * Milliseconds until workers begin an event of this priority that has waited for so long; undefined if unknown. The
   * receipts of waiting events have no estimate without it.
   */
  startsInMs?: (priority: number, ageMs: number) => number | undefined
  /** Milliseconds since the epoch. */
  now?: () => number
  /** Distinguishes errors of an unavailable queue from bugs. */
  isOutage: (error: unknown) => boolean
}

/** Names an event: the answered id, or its own id or Idempotency-Key within its organization and CloudEvent source. */
export interface ReceiptQuery {
  readonly id: string
  readonly organizationId?: string | undefined
  readonly source?: string | undefined
  /** The organization whose events it may name; all by default. */
  readonly within?: string | undefined
}

/** An event to find. */
interface Wanted {
  readonly id: string
  readonly place: Place
  /** Set while only an answered id identifies the event: the digest that its place has to have. */
  readonly digest?: string | undefined
  /** The organization that the event has to belong to. */
  readonly within?: string | undefined
}

/** Facts about an event that were seen along its path. */
interface Seen {
  readonly priority: number
  addedMs?: number | undefined
  spooledBatchId?: string | undefined
}

const UNAVAILABLE = Object.freeze({ status: 'unavailable' as const })

/** Finds the present state of events. */
export class ReceiptFinder {
  readonly #options: ReceiptFinderOptions

  constructor (options: ReceiptFinderOptions) {
    this.#options = options
  }

  /** Returns `unavailable` if the queue is unavailable and the event is not in the spool. */
  async find (query: ReceiptQuery): Promise<Receipt | typeof UNAVAILABLE> {
    const { queue, spool, isOutage } = this.#options
    const { id, organizationId, within } = query
    if (within !== undefined && organizationId !== undefined && organizationId !== within) return { id, status: 'unknown' }
    const digests = digestsOf(query)
    const spooled = digests.map((digest) => spool.remembered(digest)).find((event) => event !== undefined)
    // Uses only the id, since the queue may be unavailable.
    let wanted = spooled === undefined ? wantedById(id, within) : wantedAt(spooled, within)
    try {
      const remembered = await queue.remembered(digests)
      if (remembered !== undefined) wanted = wantedAt(remembered, within)
      return wanted === undefined ? { id, status: 'unknown' } : await this.#follow(wanted)
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
      // Check the spool first: an event is in the queue before it leaves the spool.
      const spooledSecret = spool.secretOf(batchId)
      if (spool.has(batchId)) seen.spooledBatchId = batchId
      const trace = await queue.trace(batchId)
      isKnown ||= isGenuine(wanted, trace.state === 'missing' ? spooledSecret : trace.secret)
      if (!isKnown && trace.state !== 'missing') return unknown
      if ('addedMs' in trace) seen.addedMs ??= trace.addedMs
      const moved = 'moves' in trace ? movedTo(trace.moves, index) : undefined
      const fate = moved === undefined && mayHaveDeadLetter(trace, index) ? await fateOf(batchId, index) : undefined
      // Once the batch is forgotten, only the dead letter can confirm the id.
      isKnown ||= fate !== undefined && isOf(fate, wanted)
      if (!isKnown) return unknown
      const next = fate?.status === 'moved' ? parsePlaceId(fate.place) : moved
      if (next === undefined) return this.#estimated(receiptOf(id, place, trace, fate, seen), trace)
      place = next
    }
    return unknown
  }

  /** Adds when workers will begin an event that waits, if there is an estimate. A retry begins no earlier than it is due. */
  #estimated (receipt: Receipt, trace: BatchTrace): Receipt {
    if (receipt.status !== 'waiting' && receipt.status !== 'retrying') return receipt
    const { startsInMs, now = Date.now } = this.#options
    const ageMs = trace.state === 'waiting' ? Math.max(0, now() - trace.addedMs) : 0
    const inMs = startsInMs?.(receipt.priority, ageMs)
    if (inMs === undefined) return receipt
    const dueMs = trace.state === 'delayed' ? trace.dueMs : 0
    return { ...receipt, estimatedStartAt: rfc3339(Math.max(dueMs, now() + inMs)) }
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
    const { startedMs, settledMs, deadIndexes, expiredIndexes } = trace
    if (deadIndexes.includes(index)) return { ...dead, diedAt: rfc3339(settledMs) }
    if (expiredIndexes.includes(index)) {
      return { id, status: 'expired', priority, ...enqueued, expiredAt: rfc3339(settledMs) }
    }
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

/** If a batch failed as a whole, only its dead letters are left. */
function mayHaveDeadLetter (trace: BatchTrace, index: number): boolean {
  return (
    trace.state === 'missing' ||
    trace.state === 'failed' ||
    (trace.state === 'settled' && trace.deadIndexes.includes(index))
  )
}

/** An own id first; a source means that the id is one of a CloudEvent. */
function digestsOf ({ id, within, organizationId = within, source }: ReceiptQuery): string[] {
  const identities = [
    { organizationId, id, source },
    ...(source === undefined ? [{ organizationId, idempotencyKey: id }] : [])
  ]
  return CEILINGS.flatMap((ceiling) =>
    identities.map((identity) => idempotencyDigest({ ...identity, ceiling }) as string))
}

/** Keys with different ceilings have separate identities; the best one comes first. */
const CEILINGS = Array.from({ length: LOWEST_PRIORITY }, (_, index) => index + HIGHEST_PRIORITY)

/** An id without a digest is not an answered one, and names no place. */
function wantedById (id: string, within: string | undefined): Wanted | undefined {
  const place = parsePlaceId(id)
  return place?.digest === undefined ? undefined : { id, place, digest: place.digest, within }
}

/** A remembered event was identified by its producer's own id or key. */
function wantedAt ({ id, place }: Remembered, within: string | undefined): Wanted | undefined {
  const found = parsePlaceId(place)
  return found === undefined ? undefined : { id, place: found, within }
}

function isGenuine ({ place, digest, within }: Wanted, secret: string | undefined): boolean {
  return digest === undefined || (secret !== undefined && isPlaceDigest(secret, place.index, digest, within))
}

/** Tells whether a dead letter is that of an event. Once its batch is forgotten, nothing else confirms an answered id. */
function isOf (fate: DeadLetterFate, { id, within }: Wanted): boolean {
  if (fate.status === 'deleted') return false
  const event = fate.status === 'kept' ? fate.deadLetter.event : { id: fate.eventId, organizationId: fate.organizationId }
  return event.id === id && (within === undefined || event.organizationId === within)
}

function priorityOf (batchId: string): number {
  return parseBatchId(batchId)?.priority ?? 0
}

/** @param batchId the batch in the spool, if there is one */
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
