/*
 * The name of a file has all facts about its batch, so a listing of the folder is an index:
 *
 *   01.1782892800000.8192.1-128-0-0190b3f2-7c1e-7cc3-98c8-4f1a2b3c4d5e.batch
 *   │  │             │    └─ id of the batch, with its priority and its number of events
 *   │  │             └─ bytes of the file, for people: the bound counts bytes on disk
 *   │  └─ when it was written, milliseconds of the epoch
 *   └─ priority, two digits: `ls` shows the order in which the batches leave
 */
import { ConfigSchema } from '../config/schema.ts'
import { HIGHEST_PRIORITY, LOWEST_PRIORITY } from '../admission/priority-class.ts'
import { parseBatchId } from '../queue/batch.ts'

/** A batch in the spool, without its events. */
export interface SpoolEntry {
  readonly name: string
  readonly batchId: string
  readonly priority: number
  readonly events: number
  /** Milliseconds of the epoch. */
  readonly at: number
  /** Bytes that it takes on disk. */
  readonly bytes: number
}

/** File systems allocate blocks of this size: a lone event of 300 bytes takes as much as one of 4,000. */
export const BLOCK_BYTES = 4_096

/** POSIX does not define the unit of st_blocks; on all systems that run Node.js it is this one. */
const STAT_BLOCK_BYTES = 512

/** A name with more events is foreign: its count would block the drain for as long as they would take. */
const MOST_EVENTS: number = ConfigSchema.properties.BATCH_MAX_EVENTS.maximum ?? Infinity

/** Returns the bytes of the disk for a file of this length. */
function diskBytes (length: number): number {
  return Math.max(1, Math.ceil(length / BLOCK_BYTES)) * BLOCK_BYTES
}

/** Returns the bytes of the disk for a file: a sparse one takes less than its length. */
export function allocatedBytes ({ size, blocks }: { size: number, blocks: number }): number {
  return Math.min(diskBytes(size), Math.max(BLOCK_BYTES, blocks * STAT_BLOCK_BYTES))
}

/** Returns the entry of a batch to write. Throws for an id that parseName could not read. */
export function newEntry (batchId: string, at: number, length: number): SpoolEntry {
  const priority = parseBatchId(batchId)?.priority ?? 0
  const entry = parseName(`${pad(priority, 2)}.${pad(Math.max(0, Math.floor(at)), 13)}.${length}.${batchId}.batch`)
  if (entry === undefined) throw new TypeError(`not an id of a batch: ${batchId}`)
  return entry
}

/** Parses an entry from the name of its file, with the bytes in the name; undefined for a foreign name. */
export function parseName (name: string): SpoolEntry | undefined {
  const match = /^(\d{2})\.(\d{13,15})\.(\d{1,12})\.(\d{1,2}-\d{1,9}-\d{1,3}-[A-Za-z0-9-]{1,64})\.batch$/.exec(name)
  if (match === null) return undefined
  const [, list, at, length, batchId] = match as unknown as [string, string, string, string, string]
  const { priority, count } = parseBatchId(batchId) as { priority: number, count: number }
  if (priority < HIGHEST_PRIORITY || priority > LOWEST_PRIORITY || Number(list) !== priority) return undefined
  if (count < 1 || count > MOST_EVENTS) return undefined
  return { name, batchId, priority, events: count, at: Number(at), bytes: diskBytes(Number(length)) }
}

/**
 * Compares two entries in the order in which they leave: by priority, then by time, then by name, so all processes
 * agree.
 */
export function compareEntries (a: SpoolEntry, b: SpoolEntry): number {
  if (a.priority !== b.priority) return a.priority - b.priority
  if (a.at !== b.at) return a.at - b.at
  if (a.name === b.name) return 0
  return a.name < b.name ? -1 : 1
}

function pad (number: number, digits: number): string {
  return String(number).padStart(digits, '0')
}
