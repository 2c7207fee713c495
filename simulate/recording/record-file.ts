import { createReadStream } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { ArrivalRecord } from '../../services/arrivals/arrival-record.ts'
import { decodeRecord } from './decode-record.ts'

/** The beginning of a gzip member as zlib writes it, without time and name: eight bytes that nothing else has by chance. */
const MEMBER = Buffer.from([0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
/** Far above what a service writes; a file that was compressed anew may be one member. */
const LONGEST_MEMBER = 268_435_456
const LONGEST_TEXT = 536_870_912
/** Bytes of one read: each is joined to what is left of the one before. */
const READ_BYTES = 8_388_608
/** A file with more unreadable records than this is no recording, and the rest of it is not read. */
const MOST_UNREADABLE = 10_000

/**
 * Reads the records of a file one after the other and returns the number of those that cannot be read: the last one of
 * a file that ends in the middle of it, or one with a wrong checksum. All others are read nevertheless,
 * unless the file is no recording at all.
 */
export async function readRecords (path: string, onRecord: (record: ArrivalRecord) => void): Promise<number> {
  let unreadable = 0
  let rest = Buffer.alloc(0)
  let searchFrom = 1
  const read = (member: Buffer) => {
    for (const line of linesIn(member)) {
      const record = line === undefined ? undefined : decodeRecord(line)
      if (record !== undefined) onRecord(record)
      else if (++unreadable > MOST_UNREADABLE) return
    }
  }
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) {
    rest = Buffer.concat([rest, chunk as Buffer])
    for (let end = rest.indexOf(MEMBER, searchFrom); end !== -1; end = rest.indexOf(MEMBER, 1)) {
      read(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
    // A member may begin at the end of this read.
    searchFrom = Math.max(1, rest.length - MEMBER.length + 1)
    if (rest.length > LONGEST_MEMBER || unreadable > MOST_UNREADABLE) return unreadable + 1
  }
  if (rest.length > 0) read(rest)
  return unreadable
}

/** The lines of a gzip member; undefined stands for one that cannot be read. */
function * linesIn (member: Buffer): Generator<string | undefined> {
  const text = textOf(member)
  if (text === undefined) return yield undefined
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from)
    const to = end === -1 ? text.length : end
    if (to > from) yield text.slice(from, to)
    from = to + 1
  }
}

function textOf (member: Buffer): string | undefined {
  try {
    return gunzipSync(member, { maxOutputLength: LONGEST_TEXT }).toString('utf8')
  } catch {
    return undefined
  }
}
