import { createHash, randomUUID } from 'node:crypto'
import type { QueuedEvent } from '../event/event.ts'

/**
 * The events that travel in one BullMQ job. Its id carries what the ledger needs to know of it, `<priority>-<events>-<unique>`,
 * so that depth in events can be counted from job ids alone. The id is fixed before the first write: a write that is tried
 * again, after a time-out that may have landed, is the same job.
 */
export interface Batch {
  readonly id: string
  readonly priority: number
  readonly events: readonly QueuedEvent[]
  /** Digests by which the events are remembered, in their order, null for an event without one; absent when none has one. */
  readonly keys?: readonly (string | null)[]
}

/** What BullMQ stores as the data of a job. */
export interface BatchData {
  readonly events: QueuedEvent[]
}

/** What a worker answers for a batch; the ledger books it when it settles the job. Counts of events. */
export interface BatchResultCounts {
  readonly done: number
  readonly dead: number
  /** Put back into the queue in batches of their own: retries, and what a stopping worker did not begin. */
  readonly requeued: number
}

/** A batch of new events under an id of its own. */
export function newBatch (priority: number, events: readonly QueuedEvent[]): Batch {
  return { id: `${priority}-${events.length}-${randomUUID()}`, priority, events }
}

/**
 * A batch of events that leave another one. The id derives from the parent and from which of its events these are, so a
 * parent that is run again after a crash and fails the same way yields the same job, and one that fails otherwise yields
 * another: nothing runs twice without need and nothing is swallowed.
 */
export function childBatch (parentId: string, priority: number, events: readonly QueuedEvent[], indexes: readonly number[]): Batch {
  const digest = createHash('sha256').update(`${parentId}:${indexes.join(',')}`).digest('hex').slice(0, 32)
  return { id: `${priority}-${events.length}-${digest}`, priority, events }
}

/** Reads priority and number of events from a job id; undefined for a job that Spillway did not make. */
export function parseBatchId (id: string): { priority: number, count: number } | undefined {
  const match = /^(\d{1,2})-(\d+)-/.exec(id)
  return match === null ? undefined : { priority: Number(match[1]), count: Number(match[2]) }
}

/** Names an event by where it was put first: its batch and its index in it. No index of events is needed to find it again. */
export function placeId (batchId: string, index: number): string {
  return `${batchId}.${index}`
}
