/*
 * The part of a run that goes into a document. Machines differ, so it holds no rates and latencies: only ratios of
 * subjects that ran in the same rounds, and the cost of an event.
 */
import type { BenchResult, ScenarioResult } from '../result.ts'
import { ratioGrid, subjectGrid, type Grid } from './grid.ts'
import { growths } from './growth.ts'
import { isCost } from './metric.ts'
import { machineLine } from './table.ts'

/** The section about the machine; all others have the names of their scenarios. */
export const MACHINE_SECTION = 'machine'

/** Folder of the plots, relative to the document. */
export const PLOT_FOLDER = 'performance'

const SECTION = /(<!-- bench:(\S+) -->\n)[^]*?(<!-- \/bench -->)/g

/**
 * Returns a document with the figures of this run between `<!-- bench:NAME -->` and `<!-- /bench -->`, where NAME is a
 * scenario or `machine`. Sections of scenarios that did not run stay unchanged.
 */
export function withFigures (text: string, result: BenchResult): string {
  const sections = new Map([
    [MACHINE_SECTION, `${machineLine(result)}\n`],
    ...result.scenarios.map((scenario) => [scenario.name, scenarioSection(scenario)] as const)
  ])
  return text.replace(SECTION, (whole, begin: string, name: string, end: string) => {
    const section = sections.get(name)
    return section === undefined ? whole : begin + section + end
  })
}

/** Returns the names of the sections of a document. */
export function sectionsIn (text: string): string[] {
  return [...text.matchAll(SECTION)].map(([, , name]) => name as string)
}

/** Formats a scenario in Markdown: the cost of an event for each subject, the ratios, the plots, the notes. */
export function scenarioSection (scenario: ScenarioResult): string {
  const costs = subjectGrid(scenario, isCost)
  const { ratios, notes = [] } = scenario
  const plots = growths(scenario)
  return [
    ...(costs.rows.length === 0 ? [] : [table(costs)]),
    ...(ratios.length === 0 ? [] : [table(ratioGrid(ratios))]),
    ...plots.map(([file, { title }]) => `![${title}](${PLOT_FOLDER}/${file})\n`),
    ...(notes.length === 0 ? [] : [notes.map((note) => `- ${note}\n`).join('')])
  ].join('\n')
}

function table ({ head, rows }: Grid): string {
  return [head, head.map(() => '---'), ...rows].map(row).join('')
}

function row (cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
}
