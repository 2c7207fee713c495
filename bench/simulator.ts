/*
 * Holds the simulator against the service. Runs the same events, the same consumer and the same clients through both,
 * with the same settings, and prints the figures side by side. Starts a Redis, an API process and a worker process for
 * each run, on loopback. A run takes as long as its arrivals, 60 s, and the time that the queue needs to empty. The
 * simulator gets the pauses that a busy machine made, since they move the queue as a stall of the consumer does.
 */
import { writeFile } from 'node:fs/promises'
import { readOptions } from '../rig/options.ts'
import { loadRegistries } from '../simulate/registries.ts'
import { compareRuns, verdicts, type Comparison } from './simulator/compare.ts'
import { real } from './simulator/real.ts'
import { KEYS, SCENARIOS } from './simulator/scenarios.ts'
import { simulated } from './simulator/simulated.ts'
import { withPauses, worldOf } from './simulator/world.ts'

const NUMBERS = SCENARIOS.map((_, index) => String(index + 1))
const FLAGS = {
  seconds: { type: 'string', default: '60' },
  seed: { type: 'string', default: '1' },
  scenarios: { type: 'string', default: NUMBERS.join(',') },
  json: { type: 'string' }
} as const

const { seconds, seed, scenarios, json } = readOptions(FLAGS, (reader) => ({
  seconds: reader.number('seconds', reader.values.seconds, { low: 15, high: 3_600, isWhole: true }),
  seed: reader.number('seed', reader.values.seed, { low: 1, high: 1_000_000, isWhole: true }),
  scenarios: reader.names('scenarios', 'scenario', reader.values.scenarios, NUMBERS),
  json: reader.values.json
}))

const registries = await loadRegistries()
const comparisons: Comparison[] = []
for (const scenario of scenarios.map((number) => SCENARIOS[Number(number) - 1]!)) {
  const world = await worldOf(scenario, seconds, registries)
  for (const subject of scenario.subjects) {
    const course = await real(KEYS[subject]!, world, seed)
    const comparison: Comparison = {
      scenario: scenario.name,
      subject,
      real: course,
      simulated: simulated(registries.subjects.get(subject)!, withPauses(world, course.rig.pauses), seed)
    }
    comparisons.push(comparison)
    process.stdout.write(`\n${scenario.name}, ${subject}\n${compareRuns(comparison)}\n`)
  }
}
process.stdout.write(`\n${verdicts(comparisons)}\n`)
if (json !== undefined) await writeFile(json, `${JSON.stringify(comparisons)}\n`)
