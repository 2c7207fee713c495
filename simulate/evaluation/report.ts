import type { RegistryEntry } from '../../services/registry/load-folder.ts'
import { verdicts } from './adoption.ts'
import type { CellResult } from './cell.ts'
import { COLUMNS } from './columns.ts'
import type { Question } from './question.ts'

/** The answer to a question as Markdown. */
export function report ({ name, value: question }: RegistryEntry<Question>, answers: readonly CellResult[]): string {
  const parts = [`## ${question.title}`, resultTable(question, answers)]
  if (question.isAdoption === true) parts.push(adoption(answers))
  parts.push('```\nnpm run evaluate -- --traces FOLDER --results FOLDER --questions ' + name + '\n```')
  return `${parts.join('\n\n')}\n`
}

function resultTable ({ columns, variants }: Question, answers: readonly CellResult[]): string {
  const hasVariants = Object.keys(variants).length > 1
  const chosen = columns.map((name) => COLUMNS[name])
  const head = ['arrivals', ...(hasVariants ? ['variant'] : []), '', ...chosen.map(([heading]) => heading)]
  const rows = answers.flatMap(({ cell, results }) => results.map((result, index) => [
    index === 0 ? cell.title : '',
    ...(hasVariants ? [index === 0 ? cell.variant : ''] : []),
    result.name,
    ...chosen.map(([, text]) => text(result))
  ]))
  return markdownTable(head, rows)
}

function adoption (answers: readonly CellResult[]): string {
  const judged = answers.map(({ cell: { title, variant }, results }) => ({ scenario: `${title} ${variant}`, results }))
  const found = verdicts(judged)
  const table = markdownTable(
    ['policy', 'better', 'undecided', 'worse', 'loses critical events', 'becomes a default'],
    found.map(({ name, isAdopted, better, undecided, worse, losing }) => [
      name, ...[better, undecided, worse, losing].map(({ length }) => `${length} of ${judged.length}`),
      isAdopted ? 'yes' : 'no'
    ])
  )
  const worse = found.filter((verdict) => verdict.worse.length > 0)
    .map((verdict) => `- ${verdict.name} is worse in: ${verdict.worse.join(', ')}`)
  return [table, worse.join('\n')].join('\n\n').trim()
}

const rowOf = (cells: readonly string[]) => `| ${cells.join(' | ')} |`

function markdownTable (head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [rowOf(head), rowOf(head.map(() => '---')), ...rows.map(rowOf)].join('\n')
}
