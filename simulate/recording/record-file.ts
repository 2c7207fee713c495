import { createReadStream } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { ArrivalRecord } from '../../services/arrivals/arrival-record.ts'
import { decodeRecord } from './decode-record.ts'

/** The beginning of a gzip member as zlib writes it, without time and name: eight bytes that nothing else has by chance. */
const MEMBER = Buffer.from([0x1F, 0x8B, 8, 0, 0, 0, 0, 0])
/** Far above what a service writes; a file that was compressed anew may be one member. */
const LONGEST_MEMBER = 268_435_456
const LONGEST_TEXT = 536_870_912

/**
 * Reads the records of a file one after the other and returns the number of those that cannot be read: the last one of
 * a file that ends in the middle of it, or one with a wrong checksum. All others are read nevertheless.
 */
export async function readRecords (path: string, onRecord: (record: ArrivalRecord) => void): Promise<number> {
  let unreadable = 0
  let rest = Buffer.alloc(0)
  const read = (member: Buffer) => {
    for (const record of recordsIn(member)) {
      if (record === undefined) unreadable++
      else onRecord(record)
    }
  }
  for await (const chunk of createReadStream(path)) {
    rest = Buffer.concat([rest, chunk as Buffer])
    for (let end = rest.indexOf(MEMBER, 1); end !== -1; end = rest.indexOf(MEMBER, 1)) {
      read(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
    if (rest.length > LONGEST_MEMBER) return unreadable + 1
  }
  if (rest.length > 0) read(rest)
  return unreadable
}

/** The records of a gzip member; undefined stands for one that cannot be read. */
function recordsIn (member: Buffer): (ArrivalRecord | undefined)[] {
  try {
    const text = gunzipSync(member, { maxOutputLength: LONGEST_TEXT }).toString('utf8')
    return text.split('\n').filter((line) => line !== '').map((line) => decodeRecord(line))
  } catch {
    return [undefined]
  }
}
