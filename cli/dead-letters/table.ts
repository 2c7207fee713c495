import { count } from '../paint.ts'
import { printable } from '../../services/terminal/printable.ts'
import type { DeadLetter, Replay } from './api.ts'

const HEAD = ['id', 'died', 'type', 'reason', 'attempts', 'error']

/** Lays dead letters out in columns; the last one has no fixed width. */
export function deadLetterTable (deadLetters: readonly DeadLetter[]): string {
  const cells = deadLetters.map(({ id, diedAt, event, reason, attempts, error }) =>
    [id, diedAt, event.type, reason, String(attempts), error].map((cell) => printable(cell, ' ')))
  const rows = [HEAD, ...cells]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)))
  return rows.map((row) =>
    row.map((cell, column) => column === HEAD.length - 1 ? cell : cell.padEnd(widths[column] as number)).join('  ')
  ).join('\n')
}

/** Describes a replay in one line. */
export function replayLine ({ id, status, reason, matched, replayed, skipped }: Replay): string {
  const head = printable(`replay ${id} ${status}${reason === undefined ? '' : ` (${reason})`}`)
  return `${head}: ${count(replayed)} of ${count(matched)} replayed, ${count(skipped)} skipped`
}
