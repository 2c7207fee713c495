import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { record } from './recording/recorded.ts'

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
    belowShareLost: Number,
    belowShareWaitMs: Number,
    floodAdmitted: null,
    retryAfterAccuracy: {},
    regret: { mean: Number }
  })
  t.match(readFileSync(join(folder, 'page.html'), 'utf8'), /uPlot[^]*"names":\["static","random","foresight"\]/)
})

t.test('compares proposed settings with those of a recording, on the terminal, as JSON and as a page', async (t) => {
  const recording = await record(t, {
    seconds: 20,
    capacity: 20,
    env: { QUEUE_CRITICAL_THRESHOLD: '1000', QUEUE_WARNING_THRESHOLD: '50', QUEUE_RECOVERY_THRESHOLD: '10' },
    flows: [{ organization: '<b>umbra', priority: 9, perSecond: 40 }]
  })
  const folder = join(recording, '..')
  const [proposal, json, html] = ['proposed.json', 'out.json', 'out.html'].map((name) => join(folder, name))
  writeFileSync(proposal!, '{"backpressure":{"thresholds":{"critical":100}}}')
  const flags = ['--recording', recording, '--against', proposal!, '--json', json!, '--html', html!]
  const { status, stdout, stderr } = simulate(...flags)
  t.equal(status, 0, stderr)
  t.match(stdout, /critical: 1000 -> 100[^]*<b>umbra/)
  const { who, subjects } = JSON.parse(readFileSync(json!, 'utf8')) as {
    who: { organization: { name: string, after: { shed: number } }[] }, subjects: { counts: { shed: number } }[]
  }
  t.equal(who.organization[0]!.name, '<b>umbra')
  t.ok(who.organization[0]!.after.shed > 0)
  t.equal(who.organization[0]!.after.shed, subjects[1]!.counts.shed)
  const page = readFileSync(html!, 'utf8')
  t.match(page, '<td>&lt;b>umbra</td>')
  t.notMatch(page, '<b>')
  writeFileSync(proposal!, '{"backpressure":{"thresholds":{"critical":"x"}}}')
  const refused = simulate(...flags)
  t.equal(refused.status, 2)
  t.match(refused.stderr, /backpressure\.thresholds\.critical: Expected integer/)
})

t.test('ends with 2 and names the flag', async (t) => {
  for (const args of [['--trace', '/nowhere.csv'], ['--recording', '/nowhere'], ['--what']]) {
    const { status, stderr } = simulate(...args)
    t.equal(status, 2)
    t.match(stderr, args[0]!)
    t.notMatch(stderr, /\n {4}at /, 'no stack')
  }
})
