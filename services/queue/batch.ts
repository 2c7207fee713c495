import { createHash, randomFillSync } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { QueuedEvent } from '../event/event.ts'
import { newSecret, PlaceDigests } from './place-digest.ts'

const RANDOM_BYTES_PER_ID = 16
const randomPool = new Uint8Array(256 * RANDOM_BYTES_PER_ID)
let randomUsed = randomPool.length

/** Random bytes that nobody else was given. Asking the system costs several microseconds, for 16 bytes as for 4,096. */
function pooledRandom (bytes: number): Uint8Array {
  if (randomUsed + bytes > randomPool.length) {
    randomFillSync(randomPool)
    randomUsed = 0
  }
  randomUsed += bytes
  return randomPool.subarray(randomUsed - bytes, randomUsed)
}

/**
 * The events that travel in one BullMQ job. Its id carries where it is and what the ledger needs to know of it,
 * `<priority>-<events>-<shard>-<unique>`: a receipt finds its shard, and depth in events can be counted from job ids
 * alone. The id is fixed before the first write: a write that is tried again, after a time-out that may have landed, is
 * the same job. The unique part begins with the time (UUID version 7).
 */
export interface Batch {
  readonly id: string
  readonly priority: number
  readonly events: readonly QueuedEvent[]
  /** Digests by which the events are remembered, in their order, null for an event without one; absent when none has one. */
  readonly keys?: readonly (string | null)[]
  /**
   * The text of each event as posted, as JSON, where that is all there is to store of it; absent when there is none.
   */
  readonly texts?: readonly (string | undefined)[]
  /** Proves the ids of events that are their places; absent when all events have ids of their own. */
  readonly secret?: string
}

/**
 * The new place of events that left a batch for another: the batch, their indexes here in the order they have there,
 * and the index of the first of them there, 0 when absent.
 */
export type Move = readonly [batchId: string, indexes: readonly number[], offset?: number]

/** The answer of a worker for a batch; the ledger books it when it settles the job. Counts of events. */
export interface BatchSettlement {
  readonly done: number
  readonly dead: number
  /** Put back into the queue in batches of their own: retries, and what a stopping worker did not begin. */
  readonly requeued: number
  /**
   * The indexes of dead letters, and the new places of events put back; an event in neither is done. Absent when there
   * are none.
   */
  readonly deadIndexes?: readonly number[]
  readonly moves?: readonly Move[]
}

/** The shard that also keeps what there is once: dead letters are replayed within it. */
export const FIRST_SHARD = 0

/** A batch of new events under an id of its own. An event whose producer gave it no id takes its place as its id. */
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
    ...(secret !== undefined && { secret })
  }
}

/**
 * A batch of events that leave another one. The id derives from the parent and from which of its events these are, so a
 * parent that is run again after a crash and fails the same way yields the same job, and one that fails otherwise yields
 * another: nothing runs twice without need and nothing is swallowed. It stays in the shard of its parent.
 */
export function childBatch (
  parentId: string, priority: number, events: readonly QueuedEvent[], indexes: readonly number[], keys?: Batch['keys']
): Batch {
  const id = derivedId(parentId, priority, events.length, indexes.join())
  return keys === undefined ? { id, priority, events } : { id, priority, events, keys }
}

/** The id of a batch that is the same whenever it is made from the same, in the shard of the batch that it is made of. */
export function derivedId (originId: string, priority: number, events: number, part: string): string {
  const unique = createHash('sha256').update(`${originId}:${part}`).digest('hex').slice(0, 32)
  return `${priority}-${events}-${parseBatchId(originId)?.shard ?? FIRST_SHARD}-${unique}`
}

/** Reads priority, number of events and shard from a job id; undefined for a job that Spillway did not make. */
export function parseBatchId (id: string): { priority: number, count: number, shard: number } | undefined {
  const match = /^(\d{1,2})-(\d+)-(\d{1,3})-/.exec(id)
  return match === null ? undefined : { priority: Number(match[1]), count: Number(match[2]), shard: Number(match[3]) }
}

/** The first place of an event: its batch and its index in it. No index of events is needed to find it again. */
export interface Place {
  readonly batchId: string
  readonly index: number
}

/** Names a place, between us. */
export function placeId (batchId: string, index: number): string {
  return `${batchId}.${index}`
}

/** Names a place to the producer of its event, with a digest that nobody else can tell; see place-digest.ts. */
export function answeredId (batchId: string, index: number, digest: string): string {
  return `${batchId}.${index}-${digest}`
}

/** Takes the name of a place apart, and an answered id, which has a digest; undefined for a text that is neither. */
export function parsePlaceId (id: string): Place & { readonly digest?: string } | undefined {
  const [, batchId, events, index, digest] =
    /^(\d{1,2}-(\d{1,9})-\d{1,3}-[0-9a-f-]{32,36})\.(\d{1,9})(?:-([\w-]{8}))?$/.exec(id) ?? []
  if (batchId === undefined || Number(index) >= Number(events)) return undefined
  return { batchId, index: Number(index), ...(digest !== undefined && { digest }) }
}

/** When a batch of new events was made, milliseconds of the epoch; undefined for one whose events left another. */
export function batchTimeMs (id: string): number | undefined {
  const match = /^\d{1,2}-\d+-\d{1,3}-([0-9a-f]{8})-([0-9a-f]{4})-7/.exec(id)
  return match === null ? undefined : Number.parseInt(`${match[1]}${match[2]}`, 16)
}

/** How long ago the first event of a batch was taken in; `now` is the time of a clock like the one that stamped it. */
export function ageMsOf ({ events }: Batch, now: number): number {
  const receivedAt = Date.parse(events[0]?.receivedAt ?? '')
  return Number.isNaN(receivedAt) ? 0 : Math.max(0, now - receivedAt)
}
