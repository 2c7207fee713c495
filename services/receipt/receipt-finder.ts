/*
 * Follows an event to where it is. Its id names its place, or what is remembered of it does; a batch that is finished tells
 * which of its events went on into which other batch:
 *
 *   id ─► digest ─► place of the first post ─┐
 *   id ─────────────────────────────────────► batch.index ─► batch ─► moved: the next batch, and the index there ─► …
 *                                                              └─► waiting, active, delayed, done, dead letter
 *
 * A batch is put back before the one that it leaves is finished, so there is no moment in which an event is in neither.
 */
import { idempotencyDigest } from '../event/idempotency-key.ts'
import { batchTimeMs, parseBatchId, parsePlaceId, type Move } from '../queue/batch.ts'
import type { BatchTrace } from '../queue/batch-trace.ts'
import type { Receipt } from './receipt.ts'

/** More often than this no event is put back while the first of its batches is remembered. */
export const MOST_HOPS = 2_000

/** What a dead letter tells of the end of its event. */
export interface LetterSummary {
  readonly id: string
  readonly type?: string
  readonly reason: string
  readonly error?: unknown
  readonly attempts: number
  /** RFC 3339. */
  readonly diedAt: string
}

export interface ReceiptFinderOptions {
  queue: {
    trace: (batchId: string) => Promise<BatchTrace>
    /** Place and id of the event that is remembered by the first of these digests that is known. */
    remembered: (digests: readonly string[]) => Promise<{ place: string, id: string } | undefined>
  }
  letterOf: (batchId: string, index: number) => Promise<LetterSummary | undefined>
  /** What is on the local disk of this process. */
  spool: {
    has: (batchId: string) => boolean
    placeOf: (digest: string) => string | undefined
  }
  /** Tells an error that says that the queue is away from one that is a mistake. */
  isOutage: (error: unknown) => boolean
}

/** What is asked for: the id that was answered, or the event's own id or Idempotency-Key within its organization and, for a CloudEvent, its source. */
export interface ReceiptQuery {
  readonly id: string
  readonly organizationId?: string | undefined
  readonly source?: string | undefined
}

interface Place {
  readonly batchId: string
  readonly index: number
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
    const spooledPlace = digests.map((digest) => spool.placeOf(digest)).find((place) => place !== undefined)
    // What the id says by itself, which is all there is while the queue cannot be asked.
    let place = spooledPlace ?? query.id
    try {
      const remembered = await queue.remembered(digests)
      place = remembered?.place ?? place
      return await this.#follow(remembered?.id ?? query.id, parsePlaceId(place))
    } catch (error) {
      if (!isOutage(error)) throw error
      const batchId = parsePlaceId(place)?.batchId
      return batchId !== undefined && spool.has(batchId) ? spooledReceipt(query.id, batchId) : UNAVAILABLE
    }
  }

  async #follow (id: string, first: Place | undefined): Promise<Receipt> {
    const { queue, spool } = this.#options
    let addedMs: number | undefined
    let spooledBatchId: string | undefined
    let place = first
    for (let hops = 0; place !== undefined && hops <= MOST_HOPS; hops++) {
      // Asked first: what leaves the spool is in the queue before it does.
      if (spool.has(place.batchId)) spooledBatchId = place.batchId
      const trace = await queue.trace(place.batchId)
      if ('addedMs' in trace) addedMs ??= trace.addedMs
      const next = 'moves' in trace ? movedTo(trace.moves, place.index) : undefined
      if (next === undefined) return await this.#receipt(id, place, trace, addedMs, spooledBatchId)
      place = next
    }
    return { id, status: 'unknown' }
  }

  async #receipt (id: string, { batchId, index }: Place, trace: BatchTrace, addedMs: number | undefined, spooledBatchId: string | undefined): Promise<Receipt> {
    const { priority } = parseBatchId(batchId) as { priority: number }
    const enqueued = addedMs === undefined ? {} : { enqueuedAt: rfc3339(addedMs) }
    if (trace.state === 'void') return spooledReceipt(id, spooledBatchId)
    if (trace.state === 'settled' && !trace.deadIndexes.includes(index)) {
      const { startedMs, settledMs } = trace
      return { id, status: 'done', priority, ...enqueued, ...(startedMs !== undefined && { startedAt: rfc3339(startedMs) }), finishedAt: rfc3339(settledMs) }
    }
    if (trace.state === 'missing' || trace.state === 'settled' || trace.state === 'failed') {
      // Of a batch that was given up as a whole nothing is left but the letters.
      const letter = await this.#options.letterOf(batchId, index)
      if (letter !== undefined) {
        const { id: deadLetterId, type, reason, error, attempts, diedAt } = letter
        return {
          id, status: 'dead-letter', priority, ...(type !== undefined && { type }), attempt: attempts, ...enqueued, diedAt, reason, ...(error !== undefined && { error }), deadLetterId
        }
      }
      if (trace.state === 'settled') return { id, status: 'dead-letter', priority, ...enqueued, diedAt: rfc3339(trace.settledMs) }
      if (trace.state === 'missing') return spooledReceipt(id, spooledBatchId)
    }
    const event = trace.events[index]
    if (event === undefined) return { id, status: 'unknown' }
    const queued = { id, priority, type: event.type, attempt: event.attempt ?? 1, receivedAt: event.receivedAt, enqueuedAt: rfc3339(addedMs ?? trace.addedMs) }
    if (trace.state === 'waiting') return { status: 'waiting', ...queued }
    if (trace.state === 'delayed') return { status: 'retrying', ...queued, nextAttemptAt: rfc3339(trace.dueMs) }
    return { status: 'active', ...queued, ...(trace.startedMs !== undefined && { startedAt: rfc3339(trace.startedMs) }) }
  }
}

/** An own id first; a CloudEvent's source says that it is one. */
function digestsOf ({ id, organizationId, source }: ReceiptQuery): string[] {
  const identities = [{ organizationId, id, source }, ...(source === undefined ? [{ organizationId, idempotencyKey: id }] : [])]
  return identities.map((identity) => idempotencyDigest(identity) as string)
}

/** @param batchId the batch that was seen in the spool, if any was */
function spooledReceipt (id: string, batchId: string | undefined): Receipt {
  if (batchId === undefined) return { id, status: 'unknown' }
  const receivedMs = batchTimeMs(batchId)
  const { priority } = parseBatchId(batchId) as { priority: number }
  return { id, status: 'spooled', priority, ...(receivedMs !== undefined && { receivedAt: rfc3339(receivedMs) }) }
}

function movedTo (moves: readonly Move[], index: number): Place | undefined {
  for (const [batchId, indexes] of moves) {
    const position = indexes.indexOf(index)
    if (position !== -1) return { batchId, index: position }
  }
  return undefined
}

function rfc3339 (milliseconds: number): string {
  return new Date(milliseconds).toISOString()
}
