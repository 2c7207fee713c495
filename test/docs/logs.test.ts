import t from 'tap'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { mismatches, ROOT } from './documents.ts'

const sources = ['server.ts', ...globSync('{plugins,server,services,workers,routes}/**/*.ts', { cwd: ROOT })].map((
  path
) => ({ path, text: readFileSync(join(ROOT, path), 'utf8') }))

/** A call of a logger, its level said or chosen, and its first field where that is the name of the line. */
const CALL = /\blog(?:\.(trace|debug|info|warn|error|fatal)|\[[^\n]+?\])\(\s*(?:\{ event: ([^,{}\n]+?)(?:,| \}))?/gi

/** The texts that an expression may be; what it compares something with is none of them. */
const namesIn = (expression: string) =>
  [...expression.replace(/[!=]== '[^']*'/g, '').matchAll(/'([^']*)'/g)].map(([, name]) => name as string)

const calls = sources.flatMap(({ path, text }) =>
  [...text.matchAll(CALL)].map(({ index, 1: level, 2: expression = '' }) => ({
    place: `${path}:${text.slice(0, index).split('\n').length}`,
    level,
    names: namesIn(expression)
  }))
)

const rows = [
  ...readFileSync(join(ROOT, 'docs/LOGS.md'), 'utf8').matchAll(/^\| `([a-z-]+)` \| ([a-z, ]+) \| \S.* \| .*\|$/gm)
]
  .map(([, event = '', levels = '']) => ({ event, levels: levels.split(', ') }))

t.test('every line of the log has a name that does not change', async (t) => {
  t.ok(calls.length > 40)
  t.strictSame(
    calls.filter(({ names }) => names.length === 0).map(({ place }) => place),
    [],
    "a log call begins with { event: 'a-name'"
  )
})

t.test('docs/LOGS.md lists every line and no other, with its level', async (t) => {
  const listed = rows.map(({ event }) => event)
  t.strictSame(listed, [...new Set(listed)].toSorted(), 'each once, in order')
  t.strictSame(
    mismatches(
      new Map(listed.map((event) => [event, ['docs/LOGS.md']])),
      calls.flatMap(({ names }) => names),
      'line of the log'
    ),
    []
  )
  const levels = new Map(rows.map(({ event, levels }) => [event, levels]))
  const otherwise = calls.filter(({ level, names }) =>
    level !== undefined && names.some((name) => !levels.get(name)?.includes(level))
  )
  t.strictSame(otherwise.map(({ place, level }) => `${place}: ${level}`), [])
})
