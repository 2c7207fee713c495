/*
 * The loss proof: checks that Spillway delivers every event answered 202, once and unchanged, despite all faults.
 *
 *   load ──posts──► APIs ──► Redis ──► workers ──► consumer
 *     │              ▲         ▲          ▲           │
 *     │              └── faults, one or two at a time ┤
 *     └── obligations ──────► checker ◄─── arrivals ───┘
 *
 * The processes are the real, unmodified product. The exit code is 1 if a check was violated, and 2 if the flags are
 * wrong. With --sabotage the product is broken on purpose, and the exit code is 1 if a broken product passes.
 */
import { randomInt } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { loadFolder } from '../services/registry/load-folder.ts'
import { FAULT_SHAPE, isFault } from './fault.ts'
import { orExit } from '../rig/options.ts'
import { parseOptions } from './options.ts'
import { makeReport, printReport } from './report.ts'
import { run } from './run.ts'
import { isCaught, loadSabotages, trySabotage } from './sabotage-run.ts'

const LARGEST_FRESH_SEED = 1_000_000

const say = (text: string) => { process.stdout.write(`${text}\n`) }

const faults = await loadFolder(join(import.meta.dirname, 'faults'), isFault, FAULT_SHAPE)
const options = orExit(() =>
  parseOptions(process.argv.slice(2), faults.map(({ name }) => name), randomInt(LARGEST_FRESH_SEED))
)
const chosen = faults.filter(({ name }) => options.faults.includes(name))
const stopping = new AbortController()
const path = process.env.PATH ?? ''
// A second signal changes nothing: the cleanup takes a bounded time and must complete.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => { stopping.abort() })

try {
  process.exitCode = await (options.isSabotage ? proveTheProof() : prove()) ? 0 : 1
} catch (error) {
  if (!stopping.signal.aborted) throw error
  say('stopped before its end; nothing is proven')
  process.exitCode = 130
}

async function prove (): Promise<boolean> {
  say(`seed ${options.seed}: ${options.minutes} min of ${options.rate} events/s, faults: ${
    chosen.map(({ name }) => name).join(', ') || 'none'
  }`)
  const report = makeReport(options, await run({ options, faults: chosen, path, say, signal: stopping.signal }))
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(report, undefined, 2)}\n`)
  say(`\n${printReport(report)}`)
  return report.isProven
}

async function proveTheProof (): Promise<boolean> {
  const sabotages = await loadSabotages()
  say(`seed ${options.seed}: ${sabotages.length} sabotaged products`)
  let missed = 0
  for (const sabotage of sabotages) {
    const caught = await trySabotage(sabotage, options, faults, path, stopping.signal)
    if (!isCaught(caught)) missed++
    say(`${isCaught(caught) ? 'caught' : 'MISSED'} ${caught.name} in ${(caught.tookMs / 1_000).toFixed(1)} s by ${
      caught.by.join(', ') || 'nothing'
    }; expected ${caught.expects}: ${sabotage.value.description}`)
  }
  say(missed === 0
    ? `PASSED with seed ${options.seed}: all ${sabotages.length} sabotaged products were caught`
    : `FAILED with seed ${options.seed}: ${missed} of ${sabotages.length} sabotaged products were not caught by the check that should`)
  return missed === 0
}
