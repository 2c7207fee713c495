import t from 'tap'
import { globSync, readFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { documents, ROOT } from './documents.ts'
import {
  longLines, offencesInComments, offencesInDocument, offencesInTexts, RULES, type Offence
} from './plain-english.ts'

const SOURCES = '**/*.{ts,js,mjs,cjs,lua,sh}'
const DEPLOYMENT = '{Dockerfile,compose.yaml,deploy/**/*.{yml,yaml,env,service}}'
/** Messages, descriptions and titles of the product; those of tests are not checked. */
const WITH_TEXTS =
  '{*,{bench,cli,clients,dashboard,examples,plugins,prove,rig,routes,scripts,services,workers}/**/*}.{ts,js,mjs}'
const OTHER_DOCUMENTS = '{CHANGELOG.md,{clients,examples}/**/*.md}'
const FOREIGN = new Set(['node_modules', 'vendor', 'data', '.tap', '.git'])
const MOST_CHARACTERS = 160
const MOST_CODE_CHARACTERS = 120
const RELATIVE = 'opens with a relative word'

/** Language, text, and the rules and texts of the offences in it. */
const COMMENTS: [extension: string, source: string, offences: [rule: string, text: string][]][] = [
  ['ts', '/** What is posted. */\nexport const A = 1\n', [[RELATIVE, 'What is posted.']]],
  ['js', '/**\n * Which file it is.\n *\n * @param {string} a\n */\n', [[RELATIVE, 'Which file it is.']]],
  ['ts', '/*\n * Reads it. Of two\n * the first counts.\n */\n', [[RELATIVE, '. Of two the first counts.']]],
  ['ts', '/** @param it That it is true */\n', [[RELATIVE, '@param it That it is true']]],
  ['ts', `const a = 1 ${'//'} Whose it is\n`, [[RELATIVE, 'Whose it is']]],
  ['ts', `  ${'//'} Where it is not there,\n  ${'//'} nothing is read.\n`, [
    ['opens with Where', 'Where it is not there, nothing is read.']
  ]],
  ['ts', '// It reconnects by\n// itself.\n', [['by itself', 'by itself.']]],
  ['mjs', '// The client goes by its own clock.\n', [['goes by', 'goes by its own clock.']]],
  ['lua', 'local a = 1 -- That is a number.\n-- Who reads it is told.\n', [
    [RELATIVE, 'That is a number.'], [RELATIVE, 'Who reads it is told.'], ['is told', 'is told.']
  ]],
  ['sh', '# Where there is none\nrun\n', [['opens with Where', 'Where there is none']]],
  ['yaml', 'a: 1 # Who reads it.\n', [[RELATIVE, 'Who reads it.']]],
  ['ts', '/** Offers what is there, of which that is one. */\n', []],
  ['ts', "const glob = 'a/*/b' // A path.\nconst text = '// What is this?' + '/** Of it */'\n", []],
  ['ts', '/** The subject, then what it does: a reader finds it. */\nconst What = 1\n', []]
]

const DOCUMENTS: [document: string, offences: [rule: string, text: string][]][] = [
  ['What it does is this.\n', [[RELATIVE, 'What it does is this.']]],
  ['First this.\nThat is all.\n', [[RELATIVE, '. That is all.']]],
  ['- a\n- **Of them** one is left.\n', [[RELATIVE, 'Of them** one is left.']]],
  ['| a | Load. What is that? |\n', [[RELATIVE, '. What is that? |']]],
  ['Where they are not, it stops.\n', [['opens with Where', 'Where they are not, it stops.']]],
  ['The event was taken.\n', [['is taken', 'was taken.']]],
  ['It is found there.\n', [['is found', 'is found there.']]],
  ['## A Redis that comes along\n', [['comes along', 'comes along']]],
  ['It does that as\nwell.\n', [['as well', 'as well.']]],
  ['Batches are worked off.\n', [['worked off', 'worked off.']]],
  ['The order turns round.\n', [['turns round', 'turns round.']]],
  ['Ask whoever reads it.\n', [['whoever', 'whoever reads it.']]],
  ['It stands at the door.\n', [['door', 'door.']]],
  ['The burial of an event.\n', [['burial', 'burial of an event.']]],
  ['Each has its lane.\n', [['lane', 'lane.']]],
  ['A letter, no dead letter, in capitals.\n', [['letter alone', 'letter, no dead letter, in capitals.']]],
  ['Names consist of capital letters, or of letters and digits.\n', []],
  ['The oracle says so.\n', [['oracle', 'oracle says so.']]],
  ['Its neighbours wait.\n', [['neighbour', 'neighbours wait.']]],
  ['The ground is in the background.\n', [['ground', 'ground is in the background.']]],
  ['Requests under way end.\n', [['under way', 'under way end.']]],
  ['It waits so that one ends\nso that two begin.\n', [['so that twice', 'so that two begin.']]],
  ['Batches, of which one ends, of which two begin.\n', [['of which twice', 'of which two begin.']]],
  ['A time in which one ends, in which two begin.\n', [['in which twice', 'in which two begin.']]],
  ['An event whose end and whose begin differ.\n', [['whose twice', 'whose begin differ.']]],
  ['It waits so that one ends.\n\n- It waits so that two begin.\n', []],
  ['## What it does\n\nIt sheds load.\n', []],
  ['| What happened | a column |\n', []],
  ['The field `door` and the [page](ground/lane.md).\n', []],
  ['```sh\n# What is run by itself\n```\n', []],
  ['<!-- begin keys, generated -->\nWhat a program wrote by itself.\n<!-- end keys -->\n', []]
]

const TEXTS: [source: string, offences: [rule: string, text: string][]][] = [
  ["throw new Error('What you sent is wrong')\n", [[RELATIVE, 'What you sent is wrong']]],
  ["log.warn({ event: 'a' }, `port ${port} is taken by another`)\n", [['is taken', 'is taken by another']]],
  [`const a = ['Who', 'whoever'] ${'//'} Whoever reads it.\n`, []]
]

const isForeign = (path: string) => FOREIGN.has(basename(path))
const pathsOf = (pattern: string) => globSync(pattern, { cwd: ROOT, exclude: isForeign }).toSorted()
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const pairsOf = (offences: readonly Offence[]) => offences.map(({ rule, text }) => [rule, text])
const placesIn = (path: string, offences: readonly Offence[]) =>
  offences.map(({ rule, line, text }) => `${path}:${line}: ${rule}: ${text}`)
const otherDocuments = pathsOf(OTHER_DOCUMENTS).map((path) => ({ path, text: textOf(path) }))
const allDocuments = [...documents(), ...otherDocuments]

t.test('an opening without a subject and a phrase without an actor are found in comments', async (t) => {
  for (const [extension, source, offences] of COMMENTS) {
    t.strictSame(pairsOf(offencesInComments(source, extension)), offences, source)
  }
  t.match(offencesInComments('const a = 1\n\n/**\n * It is.\n *\n * Of it.\n */\n', 'ts'), [{ line: 6 }])
})

t.test('they are found in documents, outside of code and of generated text', async (t) => {
  for (const [document, offences] of DOCUMENTS) t.strictSame(pairsOf(offencesInDocument(document)), offences, document)
  t.match(offencesInDocument('# A\n\n```\na\n```\n\nWhat it is.\n'), [{ line: 7 }])
})

t.test('they are found in the texts of code, outside of its comments', async (t) => {
  for (const [source, offences] of TEXTS) t.strictSame(pairsOf(offencesInTexts(source)), offences, source)
})

t.test('the tables above break every rule', async (t) => {
  const offences = [...COMMENTS.flatMap(([, , offences]) => offences), ...DOCUMENTS.flatMap(([, offences]) => offences)]
  const broken = offences.map(([rule]) => rule)
  t.strictSame(RULES.filter((rule) => !broken.includes(rule)), [])
})

t.test('no document breaks a rule', async (t) => {
  t.ok(allDocuments.length > 50)
  t.strictSame(allDocuments.flatMap(({ path, text }) => placesIn(path, offencesInDocument(text))), [])
})

t.test('no line of a document is too long, beside generated ones', async (t) => {
  const table = '<!-- begin keys, generated -->\nlonger\n<!-- end keys -->\nshort\nlonger\n'
  t.strictSame(longLines(table, 5), [5])
  const long = allDocuments.flatMap(({ path, text }) =>
    longLines(text, MOST_CHARACTERS).map((line) => `${path}:${line}`))
  t.strictSame(long, [])
})

t.test('no comment of a deployment file breaks a rule', async (t) => {
  const paths = pathsOf(DEPLOYMENT)
  t.ok(paths.length > 20)
  t.strictSame(paths.flatMap((path) => placesIn(path, offencesInComments(textOf(path), 'yaml'))), [])
})

t.test('no comment of code breaks a rule', async (t) => {
  const paths = pathsOf(SOURCES)
  t.ok(paths.length > 1_000)
  const offencesOf = (path: string) => offencesInComments(textOf(path), extname(path).slice(1))
  t.strictSame(paths.flatMap((path) => placesIn(path, offencesOf(path))), [])
})

t.test('no text of the product breaks a rule', async (t) => {
  const paths = pathsOf(WITH_TEXTS)
  t.ok(paths.length > 500)
  t.strictSame(paths.flatMap((path) => placesIn(path, offencesInTexts(textOf(path)))), [])
})

/** A text, an expression or a template in code: one that is long stays on one line, where a search finds it. */
const LITERAL = /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`?|(?<=[(, ]|^)\/(?:\[(?:[^\]\\]|\\.)*\]|[^/\\\n[]|\\.)+\/[a-z]*/g

t.test('no line of code is too long, beside a text in it', async (t) => {
  const isLong = (line: string) =>
    line.length > MOST_CODE_CHARACTERS && line.replace(LITERAL, "''").trim().length > MOST_CODE_CHARACTERS
  t.ok(isLong(`const a = ${'b + '.repeat(40)}c`))
  t.notOk(isLong(`const a = '${'b + '.repeat(40)}c'`))
  const lines = pathsOf(SOURCES).flatMap((path) =>
    textOf(path).split('\n').flatMap((line, index) => isLong(line) ? [`${path}:${index + 1}`] : []))
  t.strictSame(lines, [])
})
