import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'

const PROGRAM = join(import.meta.dirname, '../../simulate/run.ts')

function simulate (...args: string[]) {
  return spawnSync(process.execPath, [PROGRAM, ...args], { encoding: 'utf8' })
}

t.test('writes the same result for the same flags, on the terminal, as JSON and as a page', async (t) => {
  const rows = Array.from({ length: 40 }, (_, second) => `${second},${second < 20 ? 10 : 60}`).join('\n')
  const folder = t.testdir({ 'trace.csv': `second,events\n${rows}\n` })
  const flags = [
    '--trace', join(folder, 'trace.csv'), '--subjects', 'static,random,foresight', '--seeds', '2', '--tune', '3',
    '--load', '3', '--budgets', '200,1000,2000'
  ]
  const [one, two] = ['one', 'two'].map((name) => {
    const { status, stdout, stderr } = simulate(
      ...flags,
      '--json',
      join(folder, name),
      '--html',
      join(folder, 'page.html')
    )
    t.equal(status, 0, stderr)
    t.match(stdout, /^subject[^]*\nstatic [^]*\nrandom [^]*\nforesight /m)
    return readFileSync(join(folder, name), 'utf8')
  })
  t.equal(one, two)
  const { subjects } = JSON.parse(one!) as { subjects: Record<string, unknown>[] }
  t.strictSame(subjects.map(({ name }) => name), ['static', 'random', 'foresight'])
  const shed = subjects.map(({ shedShare }) => (shedShare as { low: number }).low > 0)
  t.strictSame(shed, [false, false, true], 'foresight alone knows that 50,000 events are too many')
  t.match(subjects[0], {
    goodput: Number,
    criticalLost: Number,
    waitMs: { critical: { p50: Number, p99: Number }, normal: {}, low: {} },
    minutesWithinBudget: { critical: Number, normal: Number, low: Number },
    overshoot: Number,
    circuitFlips: Number,
    recoverySeconds: Number,
    lightWaitMs: Number,
    makespan: Number,
    jain: Number,
    retryAfterAccuracy: {},
    regret: { mean: Number }
  })
  t.match(readFileSync(join(folder, 'page.html'), 'utf8'), /uPlot[^]*"names":\["static","random","foresight"\]/)
})

t.test('ends with 2 and names the flag', async (t) => {
  for (const args of [['--trace', '/nowhere.csv'], ['--what']]) {
    const { status, stderr } = simulate(...args)
    t.equal(status, 2)
    t.match(stderr, args[0]!)
    t.notMatch(stderr, /\n {4}at /, 'no stack')
  }
})
