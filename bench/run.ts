/*
 * The bench: Spillway beside what people would otherwise run, on one machine, in rounds that take turns.
 *
 *   load ──► server ──► Redis ──► worker ──► consumer        each of them a process, whose CPU time is read apart
 *
 * Figures depend on the machine and on what else it does; ratios of two subjects that ran in the same round do so much less,
 * and CPU time per event less than rates. Ends with 1 when a scenario was broken off, with 2 when the flags are wrong.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadFolder } from '../services/registry/load-folder.ts'
import { describeMachine } from './machine.ts'
import { OptionError, parseOptions, type Options } from './options.ts'
import { figures, printScenario } from './print.ts'
import type { BenchResult } from './result.ts'
import { runScenario } from './rounds.ts'
import { isScenario, SCENARIO_SHAPE } from './scenario.ts'

const say = (text: string) => { process.stdout.write(`${text}\n`) }

const scenarios = await loadFolder(join(import.meta.dirname, 'scenarios'), isScenario, SCENARIO_SHAPE)
const options = readOptions()
if (process.platform !== 'linux') {
  process.stderr.write('the bench reads CPU times from /proc: it needs Linux\n')
  process.exit(2)
}
// Processes end with this one; see bench/process/child.ts.
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const) process.on(signal, () => { process.exit(code) })

const result: BenchResult = { machine: await describeMachine(), startedAt: new Date().toISOString(), rounds: options.rounds, scenarios: [] }
const { cpu, cores, node, redis } = result.machine
say(`${cpu}, ${cores} cores, Node.js ${node}, Redis ${redis}; ${options.rounds} rounds of ${options.seconds} s`)
for (const { name, value } of scenarios.filter((scenario) => options.scenarios.includes(scenario.name))) {
  try {
    const scenarioResult = await runScenario(name, value, options, (scenario, round, subject, sample) => {
      say(`${scenario} ${round + 1}/${options.rounds} ${subject}: ${figures(sample)}`)
    })
    result.scenarios.push(scenarioResult)
    say(`${printScenario(scenarioResult)}\n`)
  } catch (error) {
    // The others are worth no less for it.
    say(`${name} was broken off: ${(error as Error).message}\n`)
    process.exitCode = 1
  }
  // After each, so that a run that is cut short leaves what it has.
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, undefined, 2)}\n`)
}

function readOptions (): Options {
  try {
    return parseOptions(process.argv.slice(2), scenarios.map(({ name }) => name), scenarios.filter(({ value }) => value.quick !== undefined).map(({ name }) => name))
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(2)
  }
}
