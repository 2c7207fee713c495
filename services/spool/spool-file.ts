/*
 * A file of the spool, three lines:
 *
 *   spillway-spool 1 <CRC-32 of the rest> <bytes of the rest>
 *   {"id", "priority", "keys"?, "secret"?}                       all that a start needs
 *   {"events": [event, …], …}                                   as in the queue, see batch-data.ts
 *
 * The first line derives from the rest, so it is not parsed but recomputed and compared: this detects any changed byte.
 */
import { crc32 } from 'node:zlib'
import type { Batch } from '../queue/batch.ts'
import { decodeBatch, encodeBatch } from '../queue/batch-data.ts'
import { identitiesOf, type SpooledIdentities } from './key-places.ts'
import type { SpoolEntry } from './spool-entry.ts'

type Head = Pick<Batch, 'id' | 'priority' | 'keys' | 'secret'>

/** The content of a file, or its damage. */
export type Decoded<Content> = { readonly content: Content } | { readonly damage: string }

const NEWLINE = 0x0A
const LONGEST_FIRST_LINE = 64

/** The file of a batch. */
export function encodeFile (batch: Batch): Buffer {
  const { id, priority, keys, secret } = batch
  const head: Head = { id, priority, ...(keys !== undefined && { keys }), ...(secret !== undefined && { secret }) }
  const rest = Buffer.from(`${JSON.stringify(head)}\n${encodeBatch(batch)}\n`)
  return Buffer.concat([firstLine(rest), rest])
}

/** The batch of a file. */
export function decodeFile (file: Buffer, entry: SpoolEntry): Decoded<Batch> {
  return decode(file, entry, (head, text) => {
    const events = decodeBatch(head.id, text())
    return events.length === entry.events ? { ...head, events } : undefined
  })
}

/** Returns the identities in a file after a check of the whole file. Does not parse events without keys. */
export function decodeIdentities (file: Buffer, entry: SpoolEntry): Decoded<SpooledIdentities> {
  return decode(file, entry, (head, text) =>
    identitiesOf(head, head.keys === undefined ? [] : decodeBatch(head.id, text()))
  )
}

function decode<Content> (
  file: Buffer,
  entry: SpoolEntry,
  contentOf: (head: Head, events: () => string) => Content | undefined
): Decoded<Content> {
  const start = file.subarray(0, LONGEST_FIRST_LINE).indexOf(NEWLINE) + 1
  const rest = file.subarray(start)
  if (start === 0 || !firstLine(rest).equals(file.subarray(0, start))) return { damage: 'checksum' }
  try {
    const end = rest.indexOf(NEWLINE)
    const head = JSON.parse(rest.toString('utf8', 0, end)) as Head
    const isHead = head.id === entry.batchId && head.priority === entry.priority &&
      (head.keys === undefined || Array.isArray(head.keys))
    const content = isHead ? contentOf(head, () => rest.toString('utf8', end + 1)) : undefined
    return content === undefined ? { damage: 'it contains another batch than its name says' } : { content }
  } catch (error) {
    // The checksum is right: another program has written this file.
    return { damage: error instanceof Error ? error.message : 'unreadable' }
  }
}

function firstLine (rest: Buffer): Buffer {
  return Buffer.from(`spillway-spool 1 ${crc32(rest).toString(16).padStart(8, '0')} ${rest.length}\n`)
}
