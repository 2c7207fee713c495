import { idempotencyDigest } from '../../../services/event/idempotency-key.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import { answeredId, childBatch, newBatch, placeId, type Move } from '../../../services/queue/batch.ts'
import type { BatchTrace } from '../../../services/queue/bullmq/batch-trace.ts'
import type { DeadLetterFate } from '../../../services/dead-letters/dead-letter.ts'
import type { StoredDeadLetter } from '../../../services/dead-letters/dead-letter.ts'
import { PlaceDigests } from '../../../services/queue/place-digest.ts'
import { ReceiptFinder, type ReceiptFinderOptions } from '../../../services/receipt/receipt-finder.ts'
import { eventsOf } from '../queue/setup.ts'

interface World {
  traces?: Record<string, BatchTrace>
  fates?: Record<string, DeadLetterFate>
  remembered?: Record<string, { place: string, id: string }>
  spooled?: readonly string[]
  spooledPlaces?: Record<string, { place: string, id: string }>
  /** The error of every question to the queue. */
  failure?: Error
}

/** When batches are added. */
export const ADDED_MS = Date.parse('2026-03-01T10:00:00.000Z')

export const [ADDED, STARTED, SETTLED] = [0, 1, 2].map((seconds) => new Date(ADDED_MS + seconds * 1_000).toISOString())

/** The times of a batch in work. */
export const TIMES = { addedMs: ADDED_MS, startedMs: ADDED_MS + 1_000 }

/** A finder in a world in which these batches, dead letters and digests are known. */
export function finderIn (
  { traces = {}, fates = {}, remembered = {}, spooled = [], spooledPlaces = {}, failure }: World,
  further: Partial<ReceiptFinderOptions> = {}
) {
  const asked: string[] = []
  const ask = <Answer>(what: string, answer: () => Answer): Promise<Answer> => {
    asked.push(what)
    return failure === undefined ? Promise.resolve(answer()) : Promise.reject(failure)
  }
  const options: ReceiptFinderOptions = {
    queue: {
      trace: (batchId) => ask(batchId, () => {
        const trace = traces[batchId] ?? { state: 'missing' }
        return trace.state === 'missing' ? trace : { secret: SECRET, ...trace }
      }),
      remembered: (digests) => ask('remembered', () => {
        const found = digests.flatMap((digest) => remembered[digest] ?? [])[0]
        return found && { ...found, priority: 3, typeDigest: '' }
      })
    },
    fateOf: async (batchId, index) => fates[placeId(batchId, index)],
    spool: {
      has: (batchId) => spooled.includes(batchId),
      secretOf: (batchId) => spooled.includes(batchId) ? SECRET : undefined,
      remembered: (digest) => spooledPlaces[digest] && { ...spooledPlaces[digest], priority: 3, typeDigest: '' }
    },
    isOutage: (error) => !(error instanceof TypeError),
    ...further
  }
  return { finder: new ReceiptFinder(options), asked }
}

/** The trace of a batch that has ended. */
export function settled (
  moves: readonly Move[] = [], deadIndexes: readonly number[] = [], expiredIndexes: readonly number[] = []
): BatchTrace {
  return { state: 'settled', ...TIMES, settledMs: ADDED_MS + 2_000, deadIndexes, expiredIndexes, moves }
}

/** Every batch here has this secret. */
export const SECRET = 'Aa0-_zZ9Bb1-_yY8Cc2-_xX7Dd3-_wW6'

/** The id that a producer got for an event. */
export const answered = (batchId: string, index: number) =>
  answeredId(batchId, index, new PlaceDigests(SECRET).at(index))

/** The digest of an identity. */
export const digest = (identity: Parameters<typeof idempotencyDigest>[0]) => idempotencyDigest(identity) as string

/** A batch of four events. */
export const batch = newBatch(3, eventsOf(4, 3))

/** The place of its second event. */
export const place = placeId(batch.id, 1)

/** The id of that event. */
export const id = answered(batch.id, 1)

/** Two events in their second attempt. */
export const retried: QueuedEvent[] = eventsOf(2, 3).map((event) => ({ ...event, attempt: 2 }))

/** The batch of what is tried again. */
export const child = childBatch(batch.id, 3, retried, [3, 1])

/** The batch of what is replayed. */
export const replay = newBatch(10, retried)

/** The fate of a dead letter that was replayed. */
export const REPLAYED: DeadLetterFate = { status: 'moved', place: placeId(replay.id, 1), eventId: id, organizationId: '' }

/** The second event as a dead letter. */
export const DEAD_LETTER: StoredDeadLetter = {
  id: 'd-1',
  event: { ...batch.events[1]!, id },
  reason: 'refused',
  error: 'what the consumer said',
  attempts: 3,
  diedAt: '2026-03-01T11:00:00.000Z',
  receivedAt: ADDED!
}

/** The fate of that dead letter. */
export const KEPT: DeadLetterFate = { status: 'kept', deadLetter: DEAD_LETTER }
