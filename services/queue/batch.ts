import { createHash, randomFillSync } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { QueuedEvent } from '../event/event.ts'
import type { Charge } from '../organizations/fair-order.ts'
import { newSecret, PlaceDigests, withOwners } from './place-digest.ts'

const RANDOM_BYTES_PER_ID = 16
const randomPool = new Uint8Array(256 * RANDOM_BYTES_PER_ID)
let randomUsed = randomPool.length

/** Returns random bytes from a pool: a call of the system costs several microseconds, for 16 bytes or for 4,096. */
function pooledRandom (bytes: number): Uint8Array {
  if (randomUsed + bytes > randomPool.length) {
    randomFillSync(randomPool)
    randomUsed = 0
  }
  randomUsed += bytes
  return randomPool.subarray(randomUsed - bytes, randomUsed)
}

/**
 * The events of one BullMQ job. Its id is `<priority>-<events>-<shard>-<unique>`: a receipt gets the shard from it, and
 * depth in events can be counted from job ids alone. The id is fixed before the first write, so a second try after a
 * time-out yields the same job. The unique part begins with the time (UUID version 7).
 */
export interface Batch {
  readonly id: string
  readonly priority: number
  readonly events: readonly QueuedEvent[]
  /** Digests that identify the events, in order; null for an event without one; absent if none has one. */
  readonly keys?: readonly (string | null)[]
  /** The posted JSON of each event that is stored unchanged; absent if there is none. */
  readonly texts?: readonly (string | undefined)[]
  /** Proves ids that are places; absent if all events have ids of their own. */
  readonly secret?: string
  /** The charges of its flows in a fair order; absent if they are still to be computed. */
  readonly charges?: readonly Charge[]
  /** The most events that the queue may hold with this batch in it; absent if there is no bound. */
  readonly mostDepth?: number
}

/**
 * The new place of events that moved to another batch: its id, their old indexes in the new order, and the new index of
 * the first one, 0 by default.
 */
export type Move = readonly [batchId: string, indexes: readonly number[], offset?: number]

/** The result of a worker for a batch, which is booked when the job is settled. Counts events. */
export interface BatchSettlement {
  readonly done: number
  readonly dead: number
  /** Their deadlines had passed. Absent if none. */
  readonly expired?: number
  /** Put back into the queue in batches of their own: retries, and events that a stopping worker did not begin. */
  readonly requeued: number
  /**
   * The indexes of dead letters and of expired events, and the new places of events put back; all other events are done.
   * Absent if empty.
   */
  readonly deadIndexes?: readonly number[]
  readonly expiredIndexes?: readonly number[]
  readonly moves?: readonly Move[]
}

/** The shard that also holds the data that exists once; dead letters are replayed within it. */
export const FIRST_SHARD = 0

/**
 * Returns a batch of new events with an id of its own. An event without an id from its producer gets its place as id.
 */
export function newBatch (
  priority: number, events: readonly QueuedEvent[], keys?: Batch['keys'], texts?: Batch['texts'], shard = FIRST_SHARD
): Batch {
  const id = `${priority}-${events.length}-${shard}-${uuidv7({ rng: () => pooledRandom(RANDOM_BYTES_PER_ID) })}`
  let secret: string | undefined
  let digests: PlaceDigests | undefined
  for (const [index, event] of events.entries()) {
    if (event.id !== '') continue
    digests ??= new PlaceDigests(secret = newSecret(events.length, pooledRandom))
    event.id = answeredId(id, index, digests.at(index))
  }
  return {
    id,
    priority,
    events,
    ...(keys !== undefined && { keys }),
    ...(texts !== undefined && { texts }),
    ...(secret !== undefined && { secret: withOwners(secret, events) })
  }
}

/**
 * Returns a batch of events that leave another one. Its id derives from the parent and the indexes of the events. If
 * the parent runs again after a crash and fails in the same way, it yields the same job; if it fails differently,
 * another job: no event runs twice without need, and none is lost. The batch stays in the shard of its parent.
 */
export function childBatch (
  parentId: string, priority: number, events: readonly QueuedEvent[], indexes: readonly number[], keys?: Batch['keys']
): Batch {
  const id = derivedId(parentId, priority, events.length, indexes.join())
  return keys === undefined ? { id, priority, events } : { id, priority, events, keys }
}

/** Returns an id that is a function of its arguments, in the shard of the original batch. */
export function derivedId (originId: string, priority: number, events: number, part: string): string {
  const unique = createHash('sha256').update(`${originId}:${part}`).digest('hex').slice(0, 32)
  return `${priority}-${events}-${parseBatchId(originId)?.shard ?? FIRST_SHARD}-${unique}`
}

/** Reads priority, number of events and shard from a job id; undefined for a job that Spillway did not make. */
export function parseBatchId (id: string): { priority: number, count: number, shard: number } | undefined {
  const match = /^(\d{1,2})-(\d+)-(\d{1,3})-/.exec(id)
  return match === null ? undefined : { priority: Number(match[1]), count: Number(match[2]), shard: Number(match[3]) }
}

/** The first place of an event: its batch and its index there. It locates the event without an index of events. */
export interface Place {
  readonly batchId: string
  readonly index: number
}

/** Returns the internal name of a place. */
export function placeId (batchId: string, index: number): string {
  return `${batchId}.${index}`
}

/**
 * Returns the name of a place for the producer of its event, with a digest that nobody else can guess; see
 * place-digest.ts.
 */
export function answeredId (batchId: string, index: number, digest: string): string {
  return `${batchId}.${index}-${digest}`
}

/** Parses the name of a place, or an answered id, which has a digest; undefined for any other text. */
export function parsePlaceId (id: string): Place & { readonly digest?: string } | undefined {
  const [, batchId, events, index, digest] =
    /^(\d{1,2}-(\d{1,9})-\d{1,3}-[0-9a-f-]{32,36})\.(0|[1-9]\d{0,8})(?:-([\w-]{8}))?$/.exec(id) ?? []
  if (batchId === undefined || Number(index) >= Number(events)) return undefined
  return { batchId, index: Number(index), ...(digest !== undefined && { digest }) }
}

/** Returns the creation time of a batch of new events, milliseconds of the epoch; undefined for a derived batch. */
export function batchTimeMs (id: string): number | undefined {
  const match = /^\d{1,2}-\d+-\d{1,3}-([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(id)
  return match === null ? undefined : Number.parseInt(`${match[1]}${match[2]}`, 16)
}

/** Returns the age of the first event of a batch; `now` is from the same kind of clock as its time. */
export function ageMsOf ({ events }: Batch, now: number): number {
  const receivedAt = Date.parse(events[0]?.receivedAt ?? '')
  return Number.isNaN(receivedAt) ? 0 : Math.max(0, now - receivedAt)
}
