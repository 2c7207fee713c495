import { count } from '../paint.ts'
import type { DeadLetter, Replay } from './api.ts'

const HEAD = ['id', 'died', 'type', 'reason', 'attempts', 'error']

/** What is said by others may hold anything, and a terminal obeys some of it. */
const CONTROLS = /\p{Cc}/gu

/** Dead letters in columns, the one that has no width of its own last. */
export function letterTable (letters: readonly DeadLetter[]): string {
  const rows = [HEAD, ...letters.map(({ id, diedAt, event, reason, attempts, error }) => [id, diedAt, event.type, reason, String(attempts), error].map((cell) => cell.replace(CONTROLS, ' ')))]
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)))
  return rows.map((row) => row.map((cell, column) => column === HEAD.length - 1 ? cell : cell.padEnd(widths[column] as number)).join('  ')).join('\n')
}

/** A replay in one line. */
export function replayLine ({ id, status, reason, matched, replayed, skipped }: Replay): string {
  return `replay ${id} ${status}${reason === undefined ? '' : ` (${reason})`}: ${count(replayed)} of ${count(matched)} replayed, ${count(skipped)} skipped`
}
