/*
 * What goes from a run into a document. Machines differ, so no rate and no latency is kept: only ratios, whose two sides ran
 * side by side, and what an event costs.
 */
import type { BenchResult, ScenarioResult } from '../result.ts'
import { ratioGrid, subjectGrid, type Grid } from './grid.ts'
import { isCost } from './metric.ts'
import { machineLine } from './table.ts'

/** The section that says on what a result was measured; every other one is named after its scenario. */
const MACHINE_SECTION = 'machine'

/**
 * The text of a document with the figures of this run between `<!-- bench:NAME -->` and `<!-- /bench -->`, where NAME is that
 * of a scenario, or `machine`. A section whose scenario was not run keeps what it has.
 */
export function withFigures (text: string, result: BenchResult): string {
  const sections = new Map([
    [MACHINE_SECTION, `${machineLine(result)}\n`],
    ...result.scenarios.map((scenario) => [scenario.name, scenarioSection(scenario)] as const)
  ])
  return text.replace(/(<!-- bench:(\S+) -->\n)[^]*?(<!-- \/bench -->)/g, (whole, begin: string, name: string, end: string) => {
    const section = sections.get(name)
    return section === undefined ? whole : begin + section + end
  })
}

/** One scenario in Markdown: what an event costs each subject, the ratios, the notes. */
export function scenarioSection (scenario: ScenarioResult): string {
  const costs = subjectGrid(scenario, isCost)
  const { ratios, notes = [] } = scenario
  return [
    ...(costs.head.length === 1 ? [] : [table(costs)]),
    ...(ratios.length === 0 ? [] : [table(ratioGrid(ratios))]),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}\n`).join('')])
  ].join('\n')
}

function table ({ head, rows }: Grid): string {
  return [head, head.map(() => '---'), ...rows].map(row).join('')
}

function row (cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
}
