/*
 * The record of a forecast, as Redis keeps it for the next start: a digest, a space, and JSON. The digest tells a record
 * that somebody has damaged from one that is as it was written.
 */
import { createHash } from 'node:crypto'

/** A record is about 50 KB; one that is larger than this is not read. */
export const MOST_LEARNED_BYTES = 262_144

interface LearnedRecord {
  readonly stepSeconds: number
  readonly learned: object
}

export function encodeLearned (record: LearnedRecord): string {
  const json = JSON.stringify(record)
  return `${digestOf(json)} ${json}`
}

/** Returns the record; undefined if it is not what was written, or if another version wrote it in another form. */
export function decodeLearned (text: string): LearnedRecord | undefined {
  const end = text.indexOf(' ')
  const json = text.slice(end + 1)
  if (text.slice(0, end) !== digestOf(json)) return undefined
  try {
    const record = JSON.parse(json) as Partial<LearnedRecord> | null
    return typeof record?.stepSeconds === 'number' && typeof record.learned === 'object' ? record as LearnedRecord : undefined
  } catch {
    return undefined
  }
}

function digestOf (json: string): string {
  return createHash('sha256').update(json).digest('base64url')
}
