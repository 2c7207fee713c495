/*
 * The loss proof: is everything that was answered 202 handled, whatever breaks?
 *
 *   load ──posts──► API ──► Redis ──► worker ──► consumer
 *     │              ▲        ▲          ▲          │
 *     │              └─ faults, one at a time ──────┤
 *     └── obligations ──────► oracle ◄── arrivals ──┘
 *
 * The processes are the real ones and are told of nothing. Ends with 1 when an obligation was not met or Spillway did not
 * recover in time, with 2 when the flags are wrong.
 */
import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadFolder } from '../services/registry/load-folder.ts'
import { FAULT_SHAPE, isFault } from './fault.ts'
import { OptionError, parseOptions, type Options } from './options.ts'
import { makeReport, printReport } from './report.ts'
import { run } from './run.ts'

const LARGEST_FRESH_SEED = 1_000_000

const say = (text: string) => { process.stdout.write(`${text}\n`) }

const faults = await loadFolder(join(import.meta.dirname, 'faults'), isFault, FAULT_SHAPE)
const options = readOptions()
const chosen = faults.filter(({ name }) => options.faults.includes(name))
const stopping = new AbortController()
// A second signal changes nothing: the end is bounded in time, and has to take everything away.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { stopping.abort() })

say(`seed ${options.seed}: ${options.minutes} min of ${options.rate} events/s, faults: ${chosen.map(({ name }) => name).join(', ') || 'none'}`)
try {
  const outcome = await run(options, chosen, process.env.PATH ?? '', say, stopping.signal)
  const report = makeReport(options, outcome)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`)
  say(`\n${printReport(report)}`)
  process.exitCode = report.isProven ? 0 : 1
} catch (error) {
  if (!stopping.signal.aborted) throw error
  say('stopped before its end; nothing is proven')
  process.exitCode = 130
}

function readOptions (): Options {
  try {
    return parseOptions(process.argv.slice(2), faults.map(({ name }) => name), randomInt(LARGEST_FRESH_SEED))
  } catch (error) {
    if (!(error instanceof OptionError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exit(2)
  }
}
