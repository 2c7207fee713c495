import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'

const CI_RUN = join(import.meta.dirname, '../../.ci/run')

/** Runs .ci/run with an npm of which `npm test` is these lines of shell. */
function run (t: Test, testLines: readonly string[], { version = '11.0.0', env = {} } = {}): { status: number | null, lines: string[] } {
  const bin = join(t.testdir(), 'bin')
  mkdirSync(bin)
  writeFileSync(join(bin, 'npm'), ['#!/bin/sh', `[ "$1" = --version ] && { echo ${version}; exit 0; }`, ...testLines, ''].join('\n'), { mode: 0o755 })
  const { status, stdout } = spawnSync(CI_RUN, { encoding: 'utf8', env: { PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`, ...env } })
  return { status, lines: stdout.trimEnd().split('\n') }
}

const TOTALS = "echo '# { total: 12, pass: 9, fail: 2, skip: 1 }'"

t.test('the last line counts what tap counted', async (t) => {
  t.equal(run(t, [TOTALS, 'exit 1']).lines.at(-1), '9 passed, 2 failed')
})

t.test('the last line is right when nothing failed', async (t) => {
  const { status, lines } = run(t, ["echo '# { total: 1, pass: 1 }'", "echo '# { total: 8, pass: 8 }'"])
  t.equal(status, 0)
  t.equal(lines.at(-1), '8 passed, 0 failed')
})

t.test('a failure before any test counts as one', async (t) => {
  t.equal(run(t, ['exit 2']).lines.at(-1), '0 passed, 1 failed')
})

t.test('a failure beside tests that pass counts as one', async (t) => {
  t.equal(run(t, ["echo '# { total: 8, pass: 8 }'", 'exit 1']).lines.at(-1), '8 passed, 1 failed')
})

t.test('the exit code is that of npm test', async (t) => {
  for (const code of [0, 1, 3]) t.equal(run(t, [`exit ${code}`]).status, code)
})

t.test('has no colours in CI, whatever the tools do', async (t) => {
  t.strictSame(run(t, [String.raw`printf '\033[1;31mred\033[0m\n'`, TOTALS], { env: { CI: 'true' } }).lines[0], 'red')
})

t.test('says so when npm is too old', async (t) => {
  const { status, lines } = run(t, ['exit 0'], { version: '8.19.4' })
  t.equal(status, 1)
  t.equal(lines.at(-1), '0 passed, 1 failed')
})
