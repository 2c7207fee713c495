import { Value } from '@sinclair/typebox/value'
import { FIRST_NAME, RecordSchema, type ArrivalRecord } from '../../services/arrivals/arrival-record.ts'

/** Reads one line of a file; undefined if it is no record. */
export function decodeRecord (line: string): ArrivalRecord | undefined {
  const record = parsed(line)
  if (!Value.Check(RecordSchema, record)) return undefined
  const { types, organizations, kinds, windows } = record
  const areKindsWhole = kinds.every(([, type, organization]) =>
    type < FIRST_NAME + types.length && organization < FIRST_NAME + organizations.length)
  const areWindowsWhole = windows.every((window) =>
    window.length % 3 === 1 && window.every((value, index) => index % 3 !== 1 || value < kinds.length))
  return areKindsWhole && areWindowsWhole ? record : undefined
}

function parsed (line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}
