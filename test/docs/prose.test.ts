import t from 'tap'
import { globSync, readFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { documents, ROOT } from './documents.ts'
import { offencesInComments, offencesInDocument, type Offence } from './plain-english.ts'

const SOURCES = '**/*.{ts,js,mjs,cjs,lua,sh}'
const OTHER_DOCUMENTS = '{CHANGELOG.md,{clients,examples}/**/*.md}'
const FOREIGN = new Set(['node_modules', 'vendor', 'data', '.tap', '.git'])

/** Language, text, and the texts that break a rule in it. */
const COMMENTS: [extension: string, source: string, offences: string[]][] = [
  ['ts', '/** What is posted. */\nexport const A = 1\n', ['What is posted.']],
  ['js', '/**\n * Whoever asks.\n *\n * @param {string} a\n */\n', ['Whoever asks.']],
  ['ts', '/*\n * Reads a file. Of two lines\n * the first counts.\n */\n', ['. Of two lines the first counts.']],
  ['ts', '/**\n * Reads a file.\n *\n * Which file it is.\n */\n', ['Which file it is.']],
  ['ts', '/** @param told That it is true */\n', ['@param told That it is true']],
  ['ts', `const a = 1 ${'//'} Whose it is\n`, ['Whose it is']],
  ['ts', `  ${'//'} Where it is not there,\n  ${'//'} nothing is read.\n`, ['Where it is not there, nothing is read.']],
  ['ts', '// It reconnects by\n// itself.\n', ['by itself.']],
  ['mjs', '// The client goes by its own clock.\n', ['goes by its own clock.']],
  ['lua', 'local a = 1 -- That is a number.\n-- Who reads it is told.\n', ['That is a number.', 'is told.', 'Who reads it is told.']],
  ['sh', '# Where there is none\nrun\n', ['Where there is none']],
  ['ts', '/** Offers what is there, of which that is one. Whatever comes, the file itself is told apart. */\n', ['is told apart.']],
  ['ts', "const glob = 'a/*/b' // A path.\nconst text = '// What is this?' + '/** Of it */'\n", []],
  ['ts', '/** The subject, then what it does: a reader finds it. */\nconst What = 1\n', []]
]

const DOCUMENTS: [document: string, offences: string[]][] = [
  ['What it does is this.\n', ['What it does is this.']],
  ['First this.\nThat is all.\n', ['. That is all.']],
  ['- a\n- **Of them** one is left.\n', ['Of them** one is left.']],
  ['| a | Load. What is that? |\n', ['. What is that? |']],
  ['## A Redis that comes along\n', ['comes along']],
  ['## What it does\n\nIt sheds load.\n', []],
  ['| What happened | a column |\n', []],
  ['```sh\n# What is run by itself\n```\n', []],
  ['<!-- begin keys, generated -->\nWhat a program wrote by itself.\n<!-- end keys -->\n', []]
]

const isForeign = (path: string) => FOREIGN.has(basename(path))
const textOf = (path: string) => readFileSync(join(ROOT, path), 'utf8')
const textsOf = (offences: readonly Offence[]) => offences.map(({ text }) => text)
const described = (path: string, offences: readonly Offence[]) => offences.map(({ line, text }) => `${path}:${line}: ${text}`)

t.test('an opening without a subject and a phrase without an actor are found in comments', async (t) => {
  for (const [extension, source, offences] of COMMENTS) t.strictSame(textsOf(offencesInComments(source, extension)), offences, source)
  t.match(offencesInComments('const a = 1\n\n/**\n * It is.\n *\n * Of it.\n */\n', 'ts'), [{ line: 6 }])
})

t.test('they are found in documents, outside of code and of generated text', async (t) => {
  for (const [document, offences] of DOCUMENTS) t.strictSame(textsOf(offencesInDocument(document)), offences, document)
  t.match(offencesInDocument('# A\n\n```\na\n```\n\nWhat it is.\n'), [{ line: 7 }])
})

t.test('no comment has one', async (t) => {
  const paths = globSync(SOURCES, { cwd: ROOT, exclude: isForeign }).toSorted()
  t.ok(paths.length > 1_000)
  t.strictSame(paths.flatMap((path) => described(path, offencesInComments(textOf(path), extname(path).slice(1)))), [])
})

t.test('no document has one', async (t) => {
  const others = globSync(OTHER_DOCUMENTS, { cwd: ROOT, exclude: isForeign }).toSorted().map((path) => ({ path, text: textOf(path) }))
  t.ok(others.length > 1)
  t.strictSame([...documents(), ...others].flatMap(({ path, text }) => described(path, offencesInDocument(text))), [])
})
