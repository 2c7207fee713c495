import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import t from 'tap'
import { parse } from 'yaml'

const ROOT = join(import.meta.dirname, '../..')
const RUNNER = join(import.meta.dirname, 'run-together.ts')
const filesOf = (patterns: readonly string[]) => patterns.flatMap((pattern) => globSync(pattern, { cwd: ROOT }))

t.test('every test file runs once, by itself or assembled', async (t) => {
  const { include, exclude } = parse(readFileSync(join(ROOT, '.taprc'), 'utf8')) as {
    include: string[],
    exclude: string[]
  }
  const assembled = globSync('test/assembled/*.test.ts', { cwd: ROOT })
    .flatMap((file) => /^await runTogether\('(.+)'\)$/m.exec(readFileSync(join(ROOT, file), 'utf8'))?.[1] ?? [])
  t.strictSame(assembled.toSorted(), exclude.toSorted())
  const together = filesOf(assembled)
  t.ok(together.length > 100)
  t.strictSame(together.filter((file, index) => together.indexOf(file) !== index), [], 'in one group alone')
  const all = new Set(filesOf(include))
  t.strictSame(together.filter((file) => !all.has(file)), [], 'a group holds test files')
})

t.test('a file that fails, throws or holds no test fails what it is assembled in', async (t) => {
  const folder = t.testdir({
    'passes.ts':
      "import t from 'tap'\nt.test('passes', async (t) => { t.pass() })\nt.teardown(() => { t.comment('teardown-of-passes') })\n",
    'later.ts': "import t from 'tap'\nt.test('comes later', async (t) => { t.comment('later-begins'); t.pass() })\n",
    'fails.ts': "import t from 'tap'\nt.test('fails', async (t) => { t.fail('a-claim') })\n",
    'throws.ts': "throw new Error('not-even-loaded')\n",
    'empty.ts': 'export {}\n'
  })
  // In a process of its own; the folder is within the repository, because tap must resolve.
  const run = (files: string) => {
    const program = `import { runTogether } from ${JSON.stringify(RUNNER)}\nawait runTogether(${JSON.stringify(files)})`
    const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
      encoding: 'utf8',
      cwd: ROOT
    })
    return { status, stdout }
  }
  const named = (names: string) => `${folder.slice(ROOT.length + 1)}/${names}.ts`
  const passed = run(named('{later,passes}'))
  t.equal(passed.status, 0)
  t.match(passed.stdout, /later-begins[^]*# Subtest: passes/)
  t.match(passed.stdout, 'teardown-of-passes')
  for (
    const [name, said] of [['fails', 'a-claim'], ['throws', 'not-even-loaded'], ['empty', 'holds no test']] as const
  ) {
    const { status, stdout } = run(named(`{passes,${name}}`))
    t.not(status, 0, name)
    t.match(stdout, said)
  }
  t.not(run(named('missing')).status, 0, 'a pattern that names no file')
})
