import { table } from '../rig/table.ts'
import type { Outcome } from './run-attack.ts'

const HEAD = [
  'attack', 'requests', 'critical events accepted', 'longest turn, ms', 'most memory, MiB', 'violations'
] as const

/** Returns the table of a run as text. */
export function textReport (outcomes: readonly Outcome[]): string {
  const details = outcomes.flatMap(({ name, findings, notes }) => [
    ...findings.flatMap(({ check, count, examples }) =>
      [`${name}: ${check}, ${count} times`, ...examples.map((example) => `  ${example}`)]
    ),
    ...notes.map((note) => `${name}: ${note}`)
  ])
  return [table([...HEAD, 's'], outcomes.map((outcome) => [
    ...rowOf(outcome.name, outcome), outcome.seconds.toFixed(1)
  ])), ...details].join('\n')
}

/** Returns the table of a run as Markdown. */
export function markdownReport (outcomes: readonly Outcome[]): string {
  const lines = [[...HEAD], ['---', '---:', '---', '---:', '---:', '---:'],
    ...outcomes.map((outcome) => rowOf(outcome.description, outcome))]
  return lines.map((cells) => `| ${cells.join(' | ')} |\n`).join('')
}

function rowOf (
  label: string, { requests, critical: { posted, accepted }, longestTurnMs, peakMiB, findings }: Outcome
): string[] {
  const violations = findings.reduce((sum, { count }) => sum + count, 0)
  return [
    label, requests.toLocaleString('en'), `${accepted} of ${posted}`, longestTurnMs.toFixed(0), peakMiB.toFixed(0),
    String(violations)
  ]
}
