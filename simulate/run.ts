/*
 * The simulator: the admission of production beside algorithms of others, in one world on a virtual clock. The same
 * flags give the same figures on every machine. Ends with 2 when a flag or a trace cannot be understood.
 */
import { writeFile } from 'node:fs/promises'
import { orExit, OptionError } from '../rig/options.ts'
import { totalOf } from './arrivals/arrivals.ts'
import { TraceError } from './arrivals/read-trace.ts'
import { buildWorld } from './build-world.ts'
import { compare, type SubjectRuns } from './compare.ts'
import { REFERENCE, type Job } from './job.ts'
import { parseOptions } from './options.ts'
import { loadRegistries, namesOf } from './registries.ts'
import { htmlReport } from './report/html.ts'
import { ProgressLine } from './report/progress.ts'
import { comparisonTable, costTable, deadlineTable, resultTable } from './report/table.ts'
import { Threads } from './threads.ts'
import { bestOf, configurations, JUDGED_PART, TUNED_PART, tuningJobs, WHOLE } from './tune.ts'

/** A run of so many events takes a minute or more. */
const MANY_EVENTS = 50_000_000
const say = (text: string) => { process.stdout.write(`${text}\n`) }

const registries = await loadRegistries()
const options = orExit(() => parseOptions(process.argv.slice(2), namesOf(registries)))
const world = await buildWorld(options.world, registries).catch((error: unknown) => {
  if (!(error instanceof TraceError)) throw error
  return orExit(() => { throw new OptionError(`--trace: ${error.message}`) })
})
const events = totalOf(world.arrivals.counts)
if (events > MANY_EVENTS) {
  const count = Math.round(events).toLocaleString('en')
  process.stderr.write(`each run has ${count} events; --scale or --seconds makes it shorter\n`)
}
const progress = new ProgressLine(process.stderr, () => performance.now())
const subjects = options.subjects.map((name) => ({ name, module: registries.subjects.get(name)! }))
const { tune, seeds } = options

const threads = new Threads()
const run = (jobs: readonly Job[], doing: string) =>
  threads.run(jobs.map((job) => ({ world: options.world, job })), progress.of(doing, jobs.length))

const tuned = new Map<string, Job['parameters']>()
for (const { name, module } of tune > 0 ? subjects : []) {
  if (module.parameters === undefined) continue
  const jobs = tuningJobs(name, module, tune, TUNED_PART)
  tuned.set(name, bestOf(jobs, await run(jobs, 'tunes')))
}

const part = tune > 0 ? JUDGED_PART : WHOLE
const jobs: Job[] = subjects.flatMap(({ name, module }) => {
  const parameters = tuned.get(name) ?? configurations(name, module, 1)[0]!
  return Array.from({ length: seeds }, (_, index) => ({
    subject: name, seed: index + 1, parameters, reference: tuned.get(REFERENCE), ...part
  }))
})
const figures = await run(jobs, 'runs')
await threads.close()
progress.end()
const runs = subjects.map(({ name }): SubjectRuns => {
  const indexes = [...jobs.keys()].filter((index) => jobs[index]!.subject === name)
  return { name, parameters: jobs[indexes[0]!]!.parameters, runs: indexes.map((index) => figures[index]!) }
})
const results = compare(runs)

say(`${Math.round(events).toLocaleString('en')} events, ${seeds} seeds, ` +
  `${(world.slots * 1_000 / world.meanServiceMs).toFixed(1)} events per second of capacity\n`)
say(resultTable(results))
if (world.deadlines.length > 0) say(`\n${deadlineTable(results)}`)
say(`\n${costTable(results)}`)
if (results.length > 1 || tune > 0) say(`\n${comparisonTable(results)}`)
const report = { world: options.world, seeds, part, tune, subjects: results }
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`)
if (options.html !== undefined) await writeFile(options.html, await htmlReport(results))
