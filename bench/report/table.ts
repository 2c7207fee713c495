import { table } from '../../rig/table.ts'
import type { BenchResult, ScenarioResult } from '../result.ts'
import { barCount, ratioGrid, subjectGrid, type Grid } from './grid.ts'

/**
 * Formats a result for a terminal: the medians of all subjects and the ratios per scenario, then the number of reached
 * bars.
 */
export function resultTable (result: BenchResult): string {
  return [
    machineLine(result),
    ...result.scenarios.map(scenarioTable),
    ...barCount(result.scenarios.flatMap(({ ratios }) => ratios))
  ].join('\n\n')
}

/** Formats the ratios of a result as one table. */
export function ratioTable (result: BenchResult): string {
  const grids = result.scenarios.map(({ name, ratios }) => ({ name, grid: ratioGrid(ratios) }))
  return [
    machineLine(result),
    aligned({
      head: ['scenario', ...ratioGrid([]).head],
      rows: grids.flatMap(({ name, grid }) => grid.rows.map((row) => [name, ...row]))
    }),
    ...barCount(result.scenarios.flatMap(({ ratios }) => ratios))
  ].join('\n\n')
}

/** Describes the machine of a result and the number of rounds. */
export function machineLine ({ machine: { cpu, cores, node, redis }, startedAt, rounds }: BenchResult): string {
  return `${cpu}, ${cores} cores, Node.js ${node}, Redis ${redis}; medians of ${rounds} ${
    rounds === 1 ? 'round' : 'rounds'
  }, ${startedAt}`
}

function scenarioTable (scenario: ScenarioResult): string {
  const { name, title, ratios, notes = [] } = scenario
  const heading = title === name ? name : `${name}: ${title}`
  const subjects = subjectGrid(scenario)
  return [
    [heading, '='.repeat(heading.length)].join('\n'),
    ...(subjects.rows.length === 0 ? [] : [aligned(subjects)]),
    ...(ratios.length === 0 ? [] : [aligned(ratioGrid(ratios))]),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}`).join('\n')])
  ].join('\n\n')
}

function aligned ({ head, rows }: Grid): string {
  return table(head, rows)
}
