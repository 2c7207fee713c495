/*
 * Runs organizations that share one service: ten light ones beside one that floods it, plain, over 200 keys, or over 200
 * types, and beside a type of poison. Each scenario runs with first-in-first-out, and with the settings for fairness,
 * against three API processes on loopback. A run takes as long as its arrivals, and the time that the queue needs to
 * empty. npm run bench:fairness
 */
import { readOptions } from '../rig/options.ts'
import { table } from '../rig/table.ts'
import { environment } from './duel/environment.ts'
import { run } from './fairness/run.ts'
import { SCENARIOS, type Scenario } from './fairness/scenarios.ts'

const FLAGS = {
  seconds: { type: 'string', default: '60' },
  seed: { type: 'string', default: '1' },
  scenarios: { type: 'string', default: SCENARIOS.join(',') },
  with: { type: 'string', default: 'FAIRNESS=on' }
} as const

const { seconds, seed, scenarios, settings } = readOptions(FLAGS, (reader) => ({
  seconds: reader.number('seconds', reader.values.seconds, { low: 15, high: 3_600, isWhole: true }),
  seed: reader.number('seed', reader.values.seed, { low: 1, high: 1_000_000, isWhole: true }),
  scenarios: reader.names('scenarios', 'scenario', reader.values.scenarios, [...SCENARIOS]) as Scenario[],
  settings: environment(reader.values.with)
}))

const rows: string[][] = []
for (const scenario of scenarios) {
  for (const [subject, keys] of [['off', {}], ['fair', settings]] as const) {
    const { lightLost, lightWaitMs, floodPerSecond, jain, makespan, done } = await run(scenario, keys, seconds, seed)
    rows.push([
      scenario, subject, (lightLost * 100).toFixed(2), lightWaitMs.normal.toFixed(0), lightWaitMs.low.toFixed(0),
      floodPerSecond.toFixed(1), jain.toFixed(3),
      makespan.toFixed(1), String(done)
    ])
    process.stderr.write(`${scenario}, ${subject}: done\n`)
  }
}
process.stdout.write(`${table([
  'scenario', 'fairness', 'light lost, %', 'normal wait p99, ms', 'low', 'flood admitted/s', 'Jain', 'makespan, s', 'done'
], rows)}\n`)
