import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import t from 'tap'
import { loadFolder } from '../../../services/registry/load-folder.ts'
import { COLUMNS } from '../../../simulate/evaluation/columns.ts'
import { cellsOf } from '../../../simulate/evaluation/plan.ts'
import { isQuestion, nameOf, QUESTION_SHAPE } from '../../../simulate/evaluation/question.ts'
import { Results } from '../../../simulate/evaluation/results.ts'
import { isScenario, SCENARIO_SHAPE } from '../../../simulate/evaluation/scenario.ts'
import { parseOptions } from '../../../simulate/options.ts'
import { namesOf } from '../../../simulate/registries.ts'
import { registries } from '../tiny-world.ts'

const FOLDER = join(import.meta.dirname, '../../../simulate/evaluation')
const scenarios = await loadFolder(join(FOLDER, 'scenarios'), isScenario, SCENARIO_SHAPE)
const questions = await loadFolder(join(FOLDER, 'questions'), isQuestion, QUESTION_SHAPE)
const known = new Map(scenarios.map(({ name, value }) => [name, value]))
const UNBOUNDED = { mostSeeds: Infinity, mostTune: Infinity }

t.test('every question can be asked: its scenarios, flags, subjects and columns exist', async (t) => {
  const asked = new Set<string>()
  for (const question of questions) {
    for (const { scenario, trace, flags, contestants } of cellsOf(question, known, UNBOUNDED)) {
      asked.add(scenario)
      const source = trace === undefined ? [] : ['--trace', trace]
      for (const { tunedWith = [] } of contestants) parseOptions([...source, ...flags, ...tunedWith], namesOf(registries))
      const missing = contestants.filter(({ subject }) => !registries.subjects.has(subject)).map(nameOf)
      t.strictSame(missing, [], question.name)
      t.equal(new Set(contestants.map(nameOf)).size, contestants.length, 'names tell contestants apart')
    }
    t.strictSame(question.value.columns.filter((column) => !Object.hasOwn(COLUMNS, column)), [], question.name)
  }
  t.strictSame([...known.keys()].filter((name) => !asked.has(name)), [], 'no scenario is left over')
})

t.test('a question that names no scenario is an error, and bounds lower its numbers alone', async (t) => {
  const question = questions.find(({ name }) => name === 'peers')!
  t.throws(() => cellsOf(question, new Map(), UNBOUNDED), { message: /questions\/peers\.ts: there is no scenario/ })
  const numbers = (mostSeeds: number, mostTune: number) => {
    const { seeds, tune } = cellsOf(question, known, { mostSeeds, mostTune })[0]!
    return [seeds, tune]
  }
  t.strictSame(numbers(3, 4), [3, 4])
  t.strictSame(numbers(1_000, 1_000), [question.value.seeds, question.value.tune])
})

t.test('a result is found again until its cell changes, and never in half', async (t) => {
  const folder = join(t.testdir(), 'results')
  const results = new Results(folder)
  const [cell] = cellsOf(questions[0]!, known, UNBOUNDED) as [ReturnType<typeof cellsOf>[number]]
  t.equal(await results.find(cell), undefined)
  await results.keep({ cell, results: [] })
  t.strictSame(await results.find(cell), { cell, results: [] })
  t.equal(await results.find({ ...cell, seeds: cell.seeds + 1 }), undefined)
  const path = join(folder, `${cell.question}.${cell.scenario}.${cell.variant}.json`)
  t.notMatch(await readFile(path, 'utf8'), folder, 'no path of a machine')
  await writeFile(path, '{"cell":')
  await t.rejects(results.find(cell), SyntaxError)
})
