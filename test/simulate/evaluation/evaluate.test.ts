import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const PROGRAM = join(import.meta.dirname, '../../../simulate/evaluate.ts')

function evaluate (...args: string[]) {
  return spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' })
}

t.test('answers a question with a table, and goes on where it was interrupted', async (t) => {
  const folder = join(t.testdir(), 'results')
  mkdirSync(folder)
  const flags = ['--results', folder, '--questions', 'hard-cases', '--scenarios', 'flash-crowd', '--seeds', '1', '--tune', '0']
  const first = evaluate(...flags)
  t.equal(first.status, 0, first.stderr)
  t.match(first.stdout, /\| flash crowd \| usual \| static \|[^]*\| flash crowd \| overloaded \| static \|/)
  t.equal(readFileSync(join(folder, 'hard-cases.md'), 'utf8').trim(), first.stdout.trim())
  const [kept, lost] = ['usual', 'overloaded'].map((variant) => join(folder, `hard-cases.flash-crowd.${variant}.json`))
  const { mtimeMs } = statSync(kept!)
  rmSync(lost!)
  t.equal(evaluate(...flags).stdout, first.stdout, 'the same figures again')
  t.equal(statSync(kept!).mtimeMs, mtimeMs, 'nothing is computed twice')
  t.ok(statSync(lost!).size > 0)
})

t.test('ends with 2 and names each wrong flag', async (t) => {
  const { status, stderr } = evaluate('--questions', 'why', '--seeds', '0')
  t.equal(status, 2)
  t.match(stderr, /--results[^]*--questions[^]*--seeds/)
})
