import type { BenchResult, ScenarioResult } from '../result.ts'
import { ratioGrid, reaches, subjectGrid, type Grid } from './grid.ts'

/** A figure, or that there is none. */
const NUMERIC = /^(?:-?[\d.,]+|-)$/

/** A result as text for a terminal: per scenario the medians of all subjects, the ratios below them, and how many bars are reached at the end. */
export function resultTable (result: BenchResult): string {
  const bars = result.scenarios.flatMap(({ ratios }) => ratios.map(reaches)).filter((isReached) => isReached !== undefined)
  return [
    machineLine(result),
    ...result.scenarios.map(scenarioTable),
    ...(bars.length === 0 ? [] : [`${bars.filter(Boolean).length} of ${bars.length} bars reached`])
  ].join('\n\n')
}

/** On what a result was measured, and over how many rounds. */
export function machineLine ({ machine: { cpu, cores, node, redis }, startedAt, rounds }: BenchResult): string {
  return `${cpu}, ${cores} cores, Node.js ${node}, Redis ${redis}; medians of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}, ${startedAt}`
}

function scenarioTable (scenario: ScenarioResult): string {
  const { name, title, subjects, ratios, notes = [] } = scenario
  const heading = title === name ? name : `${name}: ${title}`
  return [
    [heading, '='.repeat(heading.length)].join('\n'),
    ...(subjects.length === 0 ? [] : [aligned(subjectGrid(scenario))]),
    ...(ratios.length === 0 ? [] : [aligned(ratioGrid(ratios))]),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')])
  ].join('\n\n')
}

function aligned ({ head, rows }: Grid): string {
  const cells = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...cells.map((row) => cellAt(row, column).length)))
  const isNumeric = head.map((_, column) => rows.every((row) => NUMERIC.test(cellAt(row, column))))
  const lines = cells.map((row) => widths.map((width, column) =>
    isNumeric[column] ? cellAt(row, column).padStart(width) : cellAt(row, column).padEnd(width)).join('  ').trimEnd())
  return [lines[0], widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1)].join('\n')
}

function cellAt (row: readonly string[], column: number): string {
  return row[column] ?? ''
}
