/*
 * All that has to be known of a spooled batch stands in the name of its file, so that a listing of the folder is an index:
 *
 *   01.1782892800000.8192.1-128-0-0190b3f2-7c1e-7cc3-98c8-4f1a2b3c4d5e.batch
 *   │  │             │    └─ id of the batch, with its priority and its number of events
 *   │  │             └─ bytes of the file, for people: the bound counts what the disk says
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
  /** Bytes of the disk that it takes. */
  readonly bytes: number
}

/** File systems give out space in blocks of this size: a lone event of 300 bytes takes as much as one of 4,000. */
export const BLOCK_BYTES = 4_096

/** POSIX leaves the unit of st_blocks open; on all systems that run Node.js it is this one. */
const STAT_BLOCK_BYTES = 512

/** A name that promises more events is none of ours: its count would hold up the drain for as long as they would take. */
const MOST_EVENTS: number = ConfigSchema.properties.BATCH_MAX_EVENTS.maximum ?? Infinity

/** Returns the bytes of the disk for a file of this length. */
function diskBytes (length: number): number {
  return Math.max(1, Math.ceil(length / BLOCK_BYTES)) * BLOCK_BYTES
}

/** Returns the bytes of the disk for a file: a sparse one takes less than its length. */
export function allocatedBytes ({ size, blocks }: { size: number, blocks: number }): number {
  return Math.min(diskBytes(size), Math.max(BLOCK_BYTES, blocks * STAT_BLOCK_BYTES))
}

/** The entry of a batch that is about to be written. Throws for an id that could not be read again from a file name. */
export function newEntry (batchId: string, at: number, length: number): SpoolEntry {
  const priority = parseBatchId(batchId)?.priority ?? 0
  const entry = parseName(`${pad(priority, 2)}.${pad(Math.max(0, Math.floor(at)), 13)}.${length}.${batchId}.batch`)
  if (entry === undefined) throw new TypeError(`no id of a batch: ${batchId}`)
  return entry
}

/** Reads an entry off the name of its file, its bytes as the name has them; undefined for a name that Spillway did not give. */
export function parseName (name: string): SpoolEntry | undefined {
  const match = /^(\d{2})\.(\d{13,15})\.(\d{1,12})\.(\d{1,2}-\d{1,9}-\d{1,3}-[A-Za-z0-9-]{1,64})\.batch$/.exec(name)
  if (match === null) return undefined
  const [, list, at, length, batchId] = match as unknown as [string, string, string, string, string]
  const { priority, count } = parseBatchId(batchId) as { priority: number, count: number }
  if (priority < HIGHEST_PRIORITY || priority > LOWEST_PRIORITY || Number(list) !== priority) return undefined
  if (count < 1 || count > MOST_EVENTS) return undefined
  return { name, batchId, priority, events: count, at: Number(at), bytes: diskBytes(Number(length)) }
}

/** Tells which of two entries leaves the spool first: by priority, then by time, then by name so that all processes agree. */
export function compareEntries (a: SpoolEntry, b: SpoolEntry): number {
  if (a.priority !== b.priority) return a.priority - b.priority
  if (a.at !== b.at) return a.at - b.at
  if (a.name === b.name) return 0
  return a.name < b.name ? -1 : 1
}

function pad (number: number, digits: number): string {
  return String(number).padStart(digits, '0')
}
