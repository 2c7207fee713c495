import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import type { Arrivals, OrganizationArrivals } from './arrivals.ts'

const BIN_MS: Readonly<Record<string, number>> = { second: 1_000, minute: 60_000 }
const MINUTE_COLUMN = /^m\d+$/
const GZIP_MAGIC = 0x1f8b

/** A trace that cannot be read; the message says what is wrong with it. */
export class TraceError extends Error {
  readonly code = 'bad-trace'
}

/**
 * Reads a trace, plain or compressed with gzip, in one of three forms: `second,<column>`, `minute,<column>`, or a row
 * per organization with its events per minute in `m0`, `m1` and so on.
 *
 * @throws TraceError
 */
export function readTrace (path: string, column: string | undefined): Arrivals {
  const lines = textOf(path).split('\n').filter((line) => line.trim() !== '')
  const head = (lines[0] ?? '').split(',').map((name) => name.trim())
  if (lines.length < 2) throw new TraceError(`${path} holds no rows`)
  const arrivals = head.some((name) => MINUTE_COLUMN.test(name))
    ? organizationRows(path, head, lines, column)
    : countRows(path, head, lines, column ?? 'events')
  if (!arrivals.counts.some((count) => count > 0)) throw new TraceError(`${path} holds no events`)
  return arrivals
}

function textOf (path: string): string {
  try {
    const bytes = readFileSync(path)
    const isCompressed = bytes.length > 1 && bytes.readUInt16BE(0) === GZIP_MAGIC
    return (isCompressed ? gunzipSync(bytes) : bytes).toString('utf8')
  } catch (error) {
    throw new TraceError(`${path} cannot be read: ${(error as Error).message}`)
  }
}

function countRows (
  path: string, head: readonly string[], lines: readonly string[], column: string
): Arrivals {
  const binMs = BIN_MS[head[0] ?? '']
  if (binMs === undefined) {
    throw new TraceError(
      `${path}: expected a first column named second or minute, or columns m0, m1, …; got ${head[0]}`
    )
  }
  const index = columnIndex(path, head, column)
  const counts = new Float64Array(lines.length - 1)
  for (let row = 1; row < lines.length; row++) {
    counts[row - 1] = numberIn(path, row + 1, (lines[row] as string).split(',')[index])
  }
  return { binMs, counts, isCounted: true }
}

/** `column` selects the service time: the average unless another is named. */
function organizationRows (
  path: string, head: readonly string[], lines: readonly string[], column = 'service_ms_average'
): Arrivals {
  const minutes = head.flatMap((name, index) => MINUTE_COLUMN.test(name) ? [index] : [])
  const isTimed = head.includes(column) || column !== 'service_ms_average'
  const serviceIndex = isTimed ? columnIndex(path, head, column) : undefined
  const counts = new Float64Array(minutes.length)
  const organizations = lines.slice(1).map((line, index): OrganizationArrivals => {
    const cells = line.split(',')
    const row = Float64Array.from(minutes, (minute) => numberIn(path, index + 2, cells[minute]))
    for (const [minute, events] of row.entries()) counts[minute]! += events
    const serviceTime = serviceIndex === undefined ? 1 : numberIn(path, index + 2, cells[serviceIndex])
    return { name: cells[0] ?? '', serviceTime, counts: row }
  })
  return { binMs: 60_000, counts, isCounted: true, organizations }
}

function columnIndex (path: string, head: readonly string[], column: string): number {
  const index = head.indexOf(column)
  if (index !== -1) return index
  const others = head.filter((name) => !MINUTE_COLUMN.test(name))
  throw new TraceError(`--column: ${path} has no column ${column}; it has ${others.join(', ')}`)
}

function numberIn (path: string, line: number, text = ''): number {
  const value = text.trim() === '' ? NaN : Number(text)
  if (Number.isFinite(value) && value >= 0) return value
  throw new TraceError(`${path}:${line}: expected a number that is not negative, got ${text || 'nothing'}`)
}
