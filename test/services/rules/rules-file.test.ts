import { mkdir, rename, rm, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pino } from 'pino'
import t, { type Test } from 'tap'
import { openRulesFile, type RulesFileOptions } from '../../../services/rules/rules-file.ts'
import { rule, startServices, type LogLine } from './setup.ts'

function fileOf (...ids: string[]): string {
  return JSON.stringify({ rules: ids.map((id) => rule({ id })) })
}

/**
 * Opens a file whose log lines are kept; each goes to `onLine` too. The timer does not get to look unless a test
 * shortens its interval.
 */
async function open (
  t: Test,
  path: string,
  { onLine, ...options }: Partial<RulesFileOptions> & { onLine?: (line: LogLine) => void } = {}
) {
  const lines: LogLine[] = []
  const log = pino({ base: null }, {
    write: (text: string) => {
      const line = JSON.parse(text) as LogLine
      lines.push(line)
      onLine?.(line)
    }
  })
  const file = await openRulesFile({
    path,
    log,
    services: startServices().services,
    pollIntervalMs: 3_600_000,
    ...options
  })
  t.teardown(() => file.close())
  return { file, lines, ids: () => file.rulesFor('any').map(({ id }) => id) }
}

t.test('loads the rules of a file', async (t) => {
  const path = join(t.testdir({ 'rules.json': fileOf('a', 'b') }), 'rules.json')
  t.strictSame((await open(t, path)).ids(), ['a', 'b'])
})

t.test('refuses to start with a file that is invalid or not there', async (t) => {
  const folder = t.testdir({
    'rules.json': JSON.stringify({ rules: [rule({ when: { nope: 1 } }), rule({ id: 'b', when: { neither: 1 } })] })
  })
  await t.rejects(open(t, join(folder, 'rules.json')), {
    code: 'RULES_FILE_INVALID',
    message: /rules\.json: rules\[0\]\.when\.nope: unknown operator\nrules\[1\]\.when\.neither/
  })
  await t.rejects(open(t, join(folder, 'absent.json')), { code: 'RULES_FILE_INVALID', message: /absent\.json/ })
})

t.test('puts a new version in force', async (t) => {
  const path = join(t.testdir({ 'rules.json': fileOf('a') }), 'rules.json')
  const { file, lines, ids } = await open(t, path)
  t.equal(await file.poll(), 'unchanged')
  await writeFile(path, fileOf('a', 'b'))
  t.equal(await file.poll(), 'reloaded')
  t.strictSame(ids(), ['a', 'b'])
  t.match(lines, [{ msg: 'rules reloaded', rules: 2 }])
})

t.test('finds the rules of a type in the version in force', async (t) => {
  const version = (...types: string[]) => JSON.stringify({ rules: [rule({ id: 'any' }), rule({ id: 'some', types })] })
  const path = join(t.testdir({ 'rules.json': version('x') }), 'rules.json')
  const { file } = await open(t, path)
  const idsFor = (type: string) => file.rulesFor(type).map(({ id }) => id)
  t.strictSame([idsFor('x'), idsFor('y')], [['any', 'some'], ['any']])
  await writeFile(path, version('y'))
  await file.poll()
  t.strictSame([idsFor('x'), idsFor('y')], [['any'], ['any', 'some']])
})

t.test('keeps the rules in force while the file is invalid, and says so once', async (t) => {
  const path = join(t.testdir({ 'rules.json': fileOf('a') }), 'rules.json')
  const { file, lines, ids } = await open(t, path)
  await writeFile(path, '{"rules":[{}]}')
  t.equal(await file.poll(), 'kept')
  await writeFile(path, '{"rules":[{}]} ')
  t.equal(await file.poll(), 'kept')
  t.strictSame(ids(), ['a'])
  t.equal(lines.length, 1)
  t.match(lines[0], {
    level: 50,
    msg: 'the rules file is invalid; the rules in force stay',
    problems: ['rules[0].id: expected required property']
  })
  await rm(path)
  t.equal(await file.poll(), 'kept')
  t.match(lines[1]?.problems, [/ENOENT/])
  await writeFile(path, fileOf('a'))
  t.equal(await file.poll(), 'reloaded', 'the old text is news after an invalid one')
  t.strictSame(ids(), ['a'])
  t.equal(lines.length, 3)
})

t.test('looks again only at a file that has changed', async (t) => {
  const path = join(t.testdir({ 'rules.json': fileOf('a') }), 'rules.json')
  const { file, ids } = await open(t, path)
  t.equal(await file.poll(), 'unchanged')
  await writeFile(path, fileOf('a', 'b'))
  t.equal(await file.poll(), 'reloaded')
  await rm(path)
  t.equal(await file.poll(), 'kept')
  t.equal(await file.poll(), 'unchanged', 'a file that stays away is no change')
  await writeFile(path, fileOf('c'))
  t.equal(await file.poll(), 'reloaded')
  t.strictSame(ids(), ['c'])
})

t.test('sees a file of the same size and time in its place', async (t) => {
  const path = join(t.testdir({ 'rules.json': fileOf('a') }), 'rules.json')
  const at = new Date('2026-03-01T12:00:00Z')
  await utimes(path, at, at)
  const { file, ids } = await open(t, path)
  await writeFile(`${path}.new`, fileOf('b'))
  await utimes(`${path}.new`, at, at)
  await rename(`${path}.new`, path)
  t.equal(await file.poll(), 'reloaded')
  t.strictSame(ids(), ['b'])
})

t.test('follows the links of a ConfigMap', async (t) => {
  const folder = t.testdir({
    '..v1': { 'rules.json': fileOf('a') },
    '..data': t.fixture('symlink', '..v1'),
    'rules.json': t.fixture('symlink', '..data/rules.json')
  })
  const { file, ids } = await open(t, join(folder, 'rules.json'))
  t.strictSame(ids(), ['a'])
  await mkdir(join(folder, '..v2'))
  await writeFile(join(folder, '..v2', 'rules.json'), fileOf('b'))
  await symlink('..v2', join(folder, '..data_tmp'))
  await rename(join(folder, '..data_tmp'), join(folder, '..data'))
  await rm(join(folder, '..v1'), { recursive: true })
  t.equal(await file.poll(), 'reloaded')
  t.strictSame(ids(), ['b'])
})

t.test('looks at the file by itself', async (t) => {
  const path = join(t.testdir({ 'rules.json': fileOf('a') }), 'rules.json')
  const reloaded = Promise.withResolvers<LogLine>()
  // Watching a file keeps no process alive, so the test has to.
  const alive = setInterval(() => {}, 60_000)
  t.teardown(() => clearInterval(alive))
  const { ids } = await open(t, path, { pollIntervalMs: 1, onLine: reloaded.resolve })
  await writeFile(`${path}.new`, fileOf('b'))
  await rename(`${path}.new`, path)
  t.match(await reloaded.promise, { msg: 'rules reloaded' })
  t.strictSame(ids(), ['b'])
})

t.test('looks at the same time are one', async (t) => {
  const path = join(t.testdir({ 'rules.json': fileOf('a') }), 'rules.json')
  const { file, lines } = await open(t, path)
  await writeFile(path, fileOf('b', 'c'))
  t.strictSame(await Promise.all([file.poll(), file.poll()]), ['reloaded', 'reloaded'])
  t.equal(lines.length, 1)
})
