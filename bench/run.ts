/*
 * The bench: compares Spillway with its alternatives on one machine, in rounds in which the subjects take turns.
 *
 *   load ──► server ──► Redis ──► worker ──► consumer        each a process with its own CPU time
 *
 * Figures depend on the machine and its other load; ratios of two subjects in the same round depend on them much less,
 * and CPU time per event less than rates. The exit code is 1 if a scenario failed, and 2 if the flags are wrong.
 */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadFolder } from '../services/registry/load-folder.ts'
import { quickPart, readBaseline, writeBaseline } from './baseline-file.ts'
import { writeDocument } from './document.ts'
import { describeMachine } from './machine.ts'
import { orExit } from '../rig/options.ts'
import { parseOptions } from './options.ts'
import { baselineOf, compareWithBaseline, comparison, QUICK_TOLERANCE, TOLERANCE } from './report/baseline.ts'
import { resultJson } from './report/json.ts'
import { progressLine } from './report/progress.ts'
import { ratioTable, resultTable } from './report/table.ts'
import type { BenchResult } from './result.ts'
import { runScenario } from './rounds.ts'
import { isScenario, SCENARIO_SHAPE } from './scenario.ts'

/** Results go to standard output and progress to standard error, so that each can be saved separately. */
const say = (text: string) => { process.stdout.write(`${text}\n`) }
const tell = (text: string) => { process.stderr.write(`${text}\n`) }

const flags = process.argv.slice(2)
const scenarios = await loadFolder(join(import.meta.dirname, 'scenarios'), isScenario, SCENARIO_SHAPE)
const namesOf = (all: typeof scenarios) => all.map(({ name }) => name)
const { isQuick, rounds, ...options } = orExit(() =>
  parseOptions(flags, namesOf(scenarios), namesOf(scenarios.filter(({ value }) => value.quick !== undefined)))
)
if (process.platform !== 'linux') {
  tell('the bench reads CPU times from /proc: it needs Linux')
  process.exit(2)
}
// Child processes end with this one; see rig/process/child.ts.
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143], ['SIGHUP', 129]] as const)
  process.on(signal, () => {
    process.exit(code)
  })

const known = readBaseline()
const result: BenchResult = {
  machine: await describeMachine(),
  startedAt: new Date().toISOString(),
  rounds,
  scenarios: []
}
const chosen = scenarios.filter(({ name }) => options.scenarios.includes(name))
for (const [index, { name, value }] of chosen.entries()) {
  // Each scenario gets an equal share of the time, and the time that earlier ones left.
  const hasTimeFor = (round: number) =>
    performance.now() < (options.mostSeconds ?? Infinity) * 1_000 * (index + round / rounds) / chosen.length
  try {
    result.scenarios.push(await runScenario(name, value, { ...options, isQuick, rounds }, (round, subject, sample) => {
      tell(progressLine(name, `${round + 1}/${rounds}`, subject, sample))
    }, hasTimeFor))
  } catch (error) {
    // The results of the other scenarios remain valid.
    say(`${name} was broken off: ${(error as Error).message}\n`)
    process.exitCode = 1
  }
  // Written after each scenario, so that an interrupted run keeps its results.
  if (options.json !== undefined) await writeFile(options.json, resultJson(result))
}

const tolerance = isQuick ? QUICK_TOLERANCE : TOLERANCE
const expected = isQuick
  ? quickPart(known, Object.fromEntries(scenarios.map(({ name, value }) => [name, value])))
  : known
say(`${isQuick ? ratioTable(result) : resultTable(result)}\n`)
say(comparison(compareWithBaseline(result, expected, tolerance), tolerance))
if (options.updatesDocs) await writeDocument(result)
if (options.updatesBaseline) await writeBaseline(baselineOf(result, known), flags)
