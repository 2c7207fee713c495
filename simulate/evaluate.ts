/*
 * The evaluation: asks the questions of evaluation/questions/ in the scenarios of evaluation/scenarios/, and writes a
 * table for each. Results are kept as they come: a run that was interrupted goes on where it was. Ends with 2 when a
 * flag cannot be understood.
 */
import { join, resolve } from 'node:path'
import { loadFolder } from '../services/registry/load-folder.ts'
import { readOptions } from '../rig/options.ts'
import { runCell, type CellResult } from './evaluation/cell.ts'
import { cellsOf } from './evaluation/plan.ts'
import { isQuestion, QUESTION_SHAPE } from './evaluation/question.ts'
import { report } from './evaluation/report.ts'
import { Results } from './evaluation/results.ts'
import { isScenario, SCENARIO_SHAPE } from './evaluation/scenario.ts'
import { loadRegistries } from './registries.ts'
import { ProgressLine } from './report/progress.ts'
import { Threads } from './threads.ts'

const folder = (name: string) => join(import.meta.dirname, 'evaluation', name)
const [scenarios, questions, registries] = await Promise.all([
  loadFolder(folder('scenarios'), isScenario, SCENARIO_SHAPE),
  loadFolder(folder('questions'), isQuestion, QUESTION_SHAPE),
  loadRegistries()
])
const names = questions.map(({ name }) => name)

const options = readOptions({
  'traces': { type: 'string' },
  'results': { type: 'string' },
  'questions': { type: 'string', default: names.join(',') },
  'scenarios': { type: 'string' },
  'seeds': { type: 'string', default: '1000' },
  'tune': { type: 'string', default: '10000' }
}, (reader) => {
  const { values: { traces, results, questions: asked, scenarios: wanted, seeds, tune } } = reader
  if (!results) reader.problems.push('--results: expected a folder for results, got nothing')
  const known = scenarios.map(({ name }) => name)
  return {
    traces,
    results: resolve(results ?? ''),
    questions: reader.names('questions', 'question', asked, names),
    scenarios: wanted === undefined ? known : reader.names('scenarios', 'scenario', wanted, known),
    mostSeeds: reader.number('seeds', seeds, { low: 1, high: 1_000, isWhole: true }),
    mostTune: reader.number('tune', tune, { low: 0, high: 10_000, isWhole: true })
  }
})

const byName = new Map(scenarios.map(({ name, value }) => [name, value]))
const results = new Results(options.results)
const threads = new Threads()
const progress = new ProgressLine(process.stderr, () => performance.now())
const plans = questions.filter(({ name }) => options.questions.includes(name)).map((question) => ({
  question,
  cells: cellsOf(question, byName, options).filter(({ scenario, trace }) =>
    options.scenarios.includes(scenario) && (trace === undefined || options.traces !== undefined))
}))
const total = plans.reduce((sum, { cells }) => sum + cells.length, 0)
let ended = 0

try {
  for (const { question, cells } of plans) {
    const answers: CellResult[] = []
    for (const cell of cells) {
      const place = `${++ended} of ${total}, ${cell.question} ${cell.scenario} ${cell.variant}`
      let answer = await results.find(cell)
      if (answer === undefined) {
        answer = await runCell(cell, resolve(options.traces ?? ''), registries, threads,
          (doing, jobs) => progress.of(`${place}: ${doing}`, jobs))
        await results.keep(answer)
      }
      answers.push(answer)
    }
    const text = report(question, answers)
    await results.write(`${question.name}.md`, text)
    progress.end()
    process.stdout.write(`${text}\n`)
  }
} finally {
  await threads.close()
}
