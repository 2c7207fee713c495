import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import t, { type Test } from 'tap'

const CI_RUN = join(import.meta.dirname, '../../.ci/run')

/**
 * Runs .ci/run with an npm of which `npm test` is these lines of shell, the loss proof and the attacks those of
 * `proof`, and the bench those of `bench`.
 */
function run (
  t: Test,
  testLines: readonly string[],
  { version = '11.0.0', env = {}, proof = 'echo proof of $*', bench = 'echo bench of $*' } = {}
): { status: number | null, lines: string[] } {
  const bin = join(t.testdir(), 'bin')
  mkdirSync(bin)
  writeFileSync(
    join(bin, 'npm'),
    [
      '#!/bin/sh',
      `[ "$1" = --version ] && { echo ${version}; exit 0; }`,
      `case "$3" in prove|attack) ${proof}; exit;; esac`,
      `[ "$3" = bench ] && { ${bench}; exit; }`,
      ...testLines,
      ''
    ].join('\n'),
    { mode: 0o755 }
  )
  const { status, stdout } = spawnSync(CI_RUN, {
    encoding: 'utf8',
    env: { PATH: `${bin}:${dirname(process.execPath)}:/usr/bin:/bin`, ...env }
  })
  return { status, lines: stdout.trimEnd().split('\n') }
}

const TOTALS = "echo '# { total: 12, pass: 9, fail: 2, skip: 1 }'"
const PASSED = "echo '# { total: 8, pass: 8 }'"

t.test('the last line counts what tap counted, and each proof and the attacks as one more', async (t) => {
  t.equal(run(t, [TOTALS, 'exit 1'], { proof: 'exit 1' }).lines.at(-1), '9 passed, 5 failed')
})

t.test('the last line is right when nothing failed', async (t) => {
  const { status, lines } = run(t, ["echo '# { total: 1, pass: 1 }'", "echo '# { total: 8, pass: 8 }'"])
  t.equal(status, 0)
  t.equal(lines.at(-1), '11 passed, 0 failed')
})

t.test('a failure before any test counts as one', async (t) => {
  t.equal(run(t, ['exit 2']).lines.at(-1), '0 passed, 1 failed')
})

t.test('a failure beside tests that pass counts as one', async (t) => {
  t.equal(run(t, [PASSED, 'exit 1']).lines.at(-1), '11 passed, 1 failed')
})

t.test('the exit code is that of npm test', async (t) => {
  for (const code of [1, 3]) t.equal(run(t, [`exit ${code}`]).status, code)
  t.equal(run(t, [PASSED]).status, 0)
  t.equal(run(t, [TOTALS, 'exit 3'], { proof: 'exit 1' }).status, 3)
})

t.test('a run that shows no test fails', async (t) => {
  const { status, lines } = run(t, ['exit 0'])
  t.equal(status, 1)
  t.equal(lines.at(-1), '0 passed, 1 failed')
})

t.test('what a test prints is text, whatever its bytes', async (t) => {
  const { status, lines } = run(t, ["printf 'ok 1 - \\000\\377\\n'", PASSED])
  t.equal(status, 0)
  t.equal(lines.at(-1), '11 passed, 0 failed')
})

t.test('a proof that fails fails the run', async (t) => {
  const { status, lines } = run(t, [PASSED], { proof: 'exit 1' })
  t.equal(status, 1)
  t.equal(lines.at(-1), '8 passed, 3 failed')
})

t.test('the proof is the same each time, and left out when no test ran', async (t) => {
  t.ok(run(t, [TOTALS]).lines.includes('proof of run -s prove -- --minutes 2 --seed 1'))
  t.notMatch(run(t, ['exit 1']).lines.join('\n'), /proof of/)
})

t.test('the quick bench is told of above the last line, without how far it is', async (t) => {
  const { status, lines } = run(t, [PASSED], { bench: 'echo single-posts 1/2 >&2; echo bench of $*' })
  t.equal(status, 0)
  t.strictSame(lines.slice(-5), [
    'proof of run -s prove -- --minutes 2 --seed 1',
    'proof of run -s prove -- --sabotage --seed 1',
    'proof of run -s attack -- --quick --seed 1',
    'bench of run -s bench -- --quick',
    '11 passed, 0 failed'
  ])
})

t.test('a bench that breaks off fails nothing, and says where it was', async (t) => {
  const { status, lines } = run(t, [PASSED], {
    bench: 'for n in $(seq 9); do echo round $n >&2; done; echo bench; exit 3'
  })
  t.equal(status, 0)
  t.strictSame(lines.slice(-8), [
    'bench',
    ...[5, 6, 7, 8, 9].map((n) => `round ${n}`),
    'the quick bench ended with 3',
    '11 passed, 0 failed'
  ])
})

t.test('nothing is measured where something failed', async (t) => {
  for (
    const [lines, proof] of [[[PASSED, 'exit 1'], 'true'], [['exit 1'], 'true'], [['exit 0'], 'true'], [
      [PASSED],
      'exit 1'
    ]] as const
  ) {
    t.notMatch(run(t, lines, { proof }).lines.join('\n'), /bench/)
  }
})

/**
 * A report of tap on two files: points that fail within others, a point that fails on its own, and lines that only
 * look like a failure.
 */
const REPORT = `TAP version 14
# Subtest: test/a.test.ts
    # Subtest: sheds low first
        ok 1 - should be equal
        not ok 2 - the status
          ---
          compare: ===
          at:
            fileName: test/a.test.ts
            lineNumber: 3
            columnNumber: 57
          stack: |
            Test.<anonymous> (test/a.test.ts:3:57)
          source: |
            not ok 7 - a line of the source
          diff: |
            --- expected
            +++ actual
            @@ -1,1 +1,1 @@
            -202
            +503
          ...

        not ok 3 - not yet # TODO
        1..3
    not ok 1 - sheds low first # time=52.708ms
      ---
      at:
        fileName: test/a.test.ts
      ...

    ok 2 - fine # time=3ms
    1..2
not ok 1 - test/a.test.ts # time=120.145ms
  ---
  exitCode: 1
  ...

# Subtest: test/b.test.ts
    ok 1 - fine # time=3ms
    1..1
not ok 2 - test/b.test.ts # time=80ms
  ---
  stdio: inherit
  exitCode: null
  signal: SIGKILL
  ...

# { total: 5, pass: 2, fail: 2, todo: 1 }
`

t.test('the points that failed stand above the last line, each with where and why', async (t) => {
  const { lines } = run(t, [`cat << 'END'\n${REPORT}END`, 'exit 1'])
  t.strictSame(lines.slice(lines.indexOf('proof of run -s attack -- --quick --seed 1') + 1), [
    'not ok - test/a.test.ts > sheds low first > the status',
    '    at:', '      fileName: test/a.test.ts', '      lineNumber: 3', '    diff: |', '      -202', '      +503',
    'not ok - test/b.test.ts',
    '    exitCode: null', '    signal: SIGKILL',
    '5 passed, 2 failed'
  ])
})

t.test('of many points that failed the first are shown, and how many there are', async (t) => {
  const { lines } = run(t, [
    'for n in $(seq 100); do echo "not ok $n - claim $n"; done',
    "echo '# { total: 100, fail: 100 }'",
    'exit 1'
  ])
  const shown = lines.slice(lines.indexOf('proof of run -s attack -- --quick --seed 1') + 1)
  t.equal(shown.length, 61)
  t.strictSame(shown.slice(-3), ['not ok - claim 59', '(cut short: 100 failures)', '3 passed, 100 failed'])
})

t.test('has no colours in CI, whatever the tools do', async (t) => {
  t.strictSame(run(t, [String.raw`printf '\033[1;31mred\033[0m\n'`, TOTALS], { env: { CI: 'true' } }).lines[0], 'red')
})

t.test('says so when npm is too old', async (t) => {
  const { status, lines } = run(t, ['exit 0'], { version: '8.19.4' })
  t.equal(status, 1)
  t.equal(lines.at(-1), '0 passed, 1 failed')
})
