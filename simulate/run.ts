/*
 * The simulator: the admission of production beside algorithms of others, in one world on a virtual clock. The same
 * flags give the same figures on every machine. Ends with 2 when a flag, a trace, a recording or a setting is wrong.
 */
import { writeFile } from 'node:fs/promises'
import { orExit, OptionError } from '../rig/options.ts'
import { printableLines } from '../services/terminal/printable.ts'
import { readProposal } from './against.ts'
import { answerOf } from './answer.ts'
import { totalOf } from './arrivals/arrivals.ts'
import { TraceError } from './arrivals/read-trace.ts'
import { buildWorld } from './build-world.ts'
import { judgedPart } from './compare-subjects.ts'
import { parseOptions } from './options.ts'
import { loadRegistries, namesOf } from './registries.ts'
import { htmlReport } from './report/html.ts'
import { ProgressLine } from './report/progress.ts'
import { recordingNotes } from './report/recording.ts'
import { costTable, deadlineTable, resultTable } from './report/table.ts'
import { Threads } from './threads.ts'
import { counted } from '../services/terminal/counted.ts'

/** A run of so many events takes a minute or more. */
const MANY_EVENTS = 50_000_000
// A recording may come from elsewhere.
const say = (text: string) => { process.stdout.write(`${printableLines(text)}\n`) }
const warn = (text: string) => { process.stderr.write(`${printableLines(text)}\n`) }

const registries = await loadRegistries()
const options = orExit(() => parseOptions(process.argv.slice(2), namesOf(registries)))
const { against, seeds, tune } = options
const world = await buildWorld(options.world, registries).catch((error: unknown) => {
  if (!(error instanceof TraceError)) throw error
  const flag = 'recording' in options.world.source ? '--recording' : '--trace'
  return orExit(() => { throw new OptionError(`${flag}: ${error.message}`) })
})
const { settingsModel, settingsParts } = world
const proposed = against === undefined
  ? undefined
  : await readProposal(against, settingsModel, settingsParts).catch((error: unknown) => orExit(() => { throw error }))
const events = totalOf(world.arrivals.counts)
if (events > MANY_EVENTS) {
  warn(`each run has ${counted(events, 'event')}; --scale or --seconds makes it shorter`)
}
for (const note of recordingNotes(world, options.world)) warn(note)
const progress = new ProgressLine(process.stderr, () => performance.now())
const threads = new Threads()
const question = { options, world, proposed, registries, threads, progress }
const { text, subjects, members, tables } = await answerOf(question).finally(() => threads.close())
progress.end()

say(`${counted(events, 'event')}, ${counted(seeds, 'seed')}, ` +
  `${(world.slots * 1_000 / world.meanServiceMs).toFixed(1)} events per second of capacity\n`)
say(resultTable(subjects))
if (world.deadlines.length > 0) say(`\n${deadlineTable(subjects)}`)
say(`\n${costTable(subjects)}`)
if (text !== '') say(`\n${text}`)
const report = { world: options.world, seeds, part: judgedPart(options), tune, subjects, ...members }
if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, null, 2)}\n`)
if (options.html !== undefined) await writeFile(options.html, await htmlReport(subjects, tables))
