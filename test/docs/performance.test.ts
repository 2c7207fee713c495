import t from 'tap'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readBaseline } from '../../bench/baseline-file.ts'
import { PERFORMANCE_DOCUMENT } from '../../bench/document.ts'
import { FLAGS } from '../../bench/options.ts'
import { MACHINE_SECTION, sectionsIn } from '../../bench/report/markdown.ts'
import { isScenario, SCENARIO_SHAPE } from '../../bench/scenario.ts'
import { loadFolder } from '../../services/registry/load-folder.ts'
import { documents, mentions, mismatches, ROOT } from './documents.ts'

const performance = readFileSync(PERFORMANCE_DOCUMENT, 'utf8')
const scenarios = await loadFolder(join(ROOT, 'bench/scenarios'), isScenario, SCENARIO_SHAPE)

t.test('every scenario has one section in the document, and every section a scenario', async (t) => {
  const sections = sectionsIn(performance)
  t.strictSame(sections.toSorted(), [MACHINE_SECTION, ...scenarios.map(({ name }) => name)].toSorted())
  t.equal(performance.match(/<!-- \/?bench\b/g)?.length, sections.length * 2, 'no marker is left over')
})

t.test('no other document has sections of the bench', async (t) => {
  const others = documents().filter(({ path }) => path !== 'docs/PERFORMANCE.md')
  t.strictSame(others.filter(({ text }) => /<!-- \/?bench\b/.test(text)).map(({ path }) => path), [])
})

t.test('the document names every option and no other', async (t) => {
  const table = mentions(/^\| `--([\w-]+)[ `]/gm, [{ path: 'docs/PERFORMANCE.md', text: performance }])
  t.strictSame(mismatches(table, Object.keys(FLAGS), 'option'), [])
})

t.test('every plot that was drawn is shown', async (t) => {
  const drawn = globSync('docs/performance/*', { cwd: ROOT })
  t.strictSame(drawn.filter((file) => !performance.includes(`](performance/${basename(file)})`)), [])
})

t.test('the baseline names only ratios that there are', async (t) => {
  const known = Object.entries(readBaseline()).flatMap(([scenario, ratios]) =>
    Object.keys(ratios).map((what) => `${scenario}: ${what}`)
  )
  const wanted =
    new Set(scenarios.flatMap(({ name, value: { ratios } }) => ratios.map(({ what }) => `${name}: ${what}`)))
  t.strictSame(known.filter((ratio) => !wanted.has(ratio)), [])
})
