import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'

export interface Trace {
  /** Events in each step. */
  readonly values: Float64Array
  readonly stepSeconds: number
}

/** Columns of one step each, if a row is a series of its own. */
const STEP_COLUMN = /^m\d+$/

/**
 * Reads a trace of counts: one row for each step, named `second` or `minute` in its first column; or one row for each
 * organization with a column for each minute, which are added up.
 */
export function readTrace (path: string, column: string): Trace {
  const bytes = readFileSync(path)
  const [header = '', ...rows] = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8').trimEnd().split(/\r?\n/)
  const names = header.split(',')
  const minutes = names.flatMap((name, index) => STEP_COLUMN.test(name) ? [index] : [])
  if (minutes.length > 0) {
    const values = new Float64Array(minutes.length)
    for (const row of rows) {
      const cells = row.split(',')
      for (const [minute, index] of minutes.entries()) values[minute] = (values[minute] as number) + Number(cells[index])
    }
    return { values, stepSeconds: 60 }
  }
  const index = names.indexOf(column)
  if (index < 0) throw new Error(`${path} has no column ${column}; it has ${names.join(', ')}`)
  return { values: Float64Array.from(rows, (row) => Number(row.split(',')[index])), stepSeconds: names[0] === 'minute' ? 60 : 1 }
}
