import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DamageReport } from '../checks/damage.ts'

const PLACES: Readonly<Record<string, DamageReport['place']>> = { 'batch-damaged': 'queue', 'spool-damaged': 'spool' }

/** Reads the reports of damaged batches in the logs of all processes. */
export function damageReports (folder: string): DamageReport[] {
  return globSync('*.log', { cwd: folder }).flatMap((name) =>
    readFileSync(join(folder, name), 'utf8').split('\n').flatMap(reportIn))
}

/** Returns the report in a line of a log; nothing for any other line. */
export function reportIn (line: string): DamageReport[] {
  if (!line.includes('-damaged"')) return []
  try {
    const { event, batch, events } = JSON.parse(line) as { event?: string, batch?: string, events?: number }
    const place = PLACES[event ?? '']
    return place === undefined ? [] : [{ place, batchId: String(batch), events: Number(events) }]
  } catch {
    // A killed process leaves a part of a line.
    return []
  }
}
