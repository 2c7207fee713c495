/*
 * Attacks one process with a heap of 512 MB in every way at once: 1,900 connections with endless heads, pipelined
 * requests, bodies and lines of the maximum size. Meanwhile a producer posts critical events. Prints the share of
 * critical events that was accepted, the peak memory of the process, and whether it survived. `--seconds=30`,
 * `--connections=1900`, `--only=slowHeads,pipelinedRequests,largeBodies,longLines`; with `--equal-priority` the hostile
 * clients compete with the service for the CPU.
 */
import { once } from 'node:events'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { LoadCounts, LoadPlan } from './hostile/load-program.ts'
import { postCriticalEvents } from '../rig/load/critical-events.ts'
import { readOptions } from '../rig/options.ts'
import { startFork } from '../rig/process/child.ts'
import { cpuMicrosOf, forgetPeak, memoryMiBOf } from '../rig/process/usage.ts'
import { quantile } from './median.ts'
import { metric, print, withService } from './service.ts'

const HEAP = '--max-old-space-size=512'
const WARM_UP_MS = 2_000

const KINDS = ['slowHeads', 'pipelinedRequests', 'largeBodies', 'longLines']
const FLAGS = {
  seconds: { type: 'string', default: '30' },
  connections: { type: 'string', default: '1900' },
  only: { type: 'string', default: KINDS.join(',') },
  'equal-priority': { type: 'boolean', default: false }
} as const
const { seconds, connections, only, isEqual } = readOptions(FLAGS, (reader) => ({
  seconds: reader.number('seconds', reader.values.seconds, { low: 1, high: 3_600 }),
  connections: reader.number('connections', reader.values.connections, { low: 1, high: 100_000, isWhole: true }),
  only: reader.names('only', 'load', reader.values.only, KINDS),
  isEqual: reader.values['equal-priority']
}))
const all = { slowHeads: connections, pipelinedRequests: 20, largeBodies: 150, longLines: 4 }
const plan: LoadPlan = Object.fromEntries(Object.entries(all).filter(([name]) => only.includes(name)))

await withService({ NODE_OPTIONS: HEAP, WITHOUT_HANDLER: 'discard' }, async (url, pid) => {
  const port = Number(new URL(url).port)
  const critical = postCriticalEvents(port)
  await wait(WARM_UP_MS)
  forgetPeak(pid)
  const loads = startFork(join(import.meta.dirname, 'hostile/load-program.ts'))
  // Real hostile clients have their own machines: here they only get the CPU time that the service leaves.
  if (!isEqual) setPriority(loads.pid, constants.priority.PRIORITY_LOW)
  loads.child.send({ port, plan })
  const [serviceCpu, loadsCpu] = [cpuMeter(pid), cpuMeter(loads.pid)]
  await wait(seconds * 1_000)
  const cpu = [['service', serviceCpu()], ['hostile clients', loadsCpu()]] as const
  const { peak } = isAlive(pid) ? memoryMiBOf(pid) : { peak: Number.NaN }
  const { posted, accepted, others, timesMs } = await critical.stop()
  const [p50Ms, p99Ms] = [quantile(timesMs, 0.5), quantile(timesMs, 0.99)]
  const answered = once(loads.child, 'message') as Promise<[LoadCounts]>
  loads.child.send({})
  const [counts] = await answered
  await loads.stop()
  const lives = isAlive(pid) && await metric(url, 'spillway_connections_max') > 0
  for (const { name, count } of counts) print(name, count)
  print('critical events posted', posted)
  print('of these accepted, %', (accepted / posted * 100).toFixed(2))
  for (const [outcome, count] of others) print(`of these answered ${outcome}`, count)
  print('median and p99 of their answers, ms', `${p50Ms.toFixed(0)} ${p99Ms.toFixed(0)}`)
  print('most memory of the process, MiB', peak.toFixed(0))
  for (const [name, percent] of cpu) print(`CPU time of the ${name}, % of a core`, percent.toFixed(0))
  print('the process lives', lives ? 'yes' : 'no')
  if (!lives) process.exitCode = 1
})

/** Starts to measure; the result is the share of one core. */
function cpuMeter (pid: number): () => number {
  const [microsBefore, startedAt] = [cpuMicrosOf(pid), performance.now()]
  return () => isAlive(pid) ? (cpuMicrosOf(pid) - microsBefore) / (performance.now() - startedAt) / 10 : Number.NaN
}

function isAlive (pid: number): boolean {
  try {
    // A zombie has no memory.
    return memoryMiBOf(pid).rss > 0
  } catch {
    return false
  }
}
