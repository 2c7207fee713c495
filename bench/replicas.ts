/*
 * Floods several API processes that share one Redis from 200 connections, with arrays and single posts. Prints by how
 * much the queue passes the critical threshold and the hard limit, how long the replicas name different states of the
 * circuit, which transitions are recorded, how long nobody reads the queue when the process that reads it dies, and the
 * commands that replicas cost Redis, idle and under load. npm run bench:replicas
 */
import { readOptions } from '../rig/options.ts'
import { table } from '../rig/table.ts'
import { agree } from './replicas/agree.ts'
import { commandsOf } from './replicas/commands.ts'
import { fill } from './replicas/fill.ts'
import { LIMITS } from './replicas/flood.ts'
import { takeoversOf } from './replicas/takeover.ts'

const { replicas, seconds } = readOptions({
  replicas: { type: 'string', default: '4' }, seconds: { type: 'string', default: '8' }
}, (reader) => ({
  replicas: reader.number('replicas', reader.values.replicas, { low: 1, high: 16, isWhole: true }),
  seconds: reader.number('seconds', reader.values.seconds, { low: 1, high: 60 })
}))

const percent = (events: number, limit: number) => ((events - limit) * 100 / limit).toFixed(2)

const bounds: string[][] = []
for (const [name, priorities, limit] of [
  ['normal and low', [4, 5, 9], LIMITS.critical], ['all classes', [1, 4, 9], LIMITS.hard]
] as const) {
  const { offered, stored, reasons } = await fill(replicas, priorities, seconds)
  bounds.push([name, String(limit), String(offered), String(stored), percent(stored, limit), reasons.join(', ')])
}
process.stdout.write(`${table([
  'flood without workers', 'limit', 'offered', 'in the queue', 'over the limit, %', 'refused'
], bounds)}\n\n`)

const { states, lagsMs, logged, counted } = await agree(replicas, seconds)
process.stdout.write(`${table(['flood of ten times the capacity', 'value'], [
  ['states that each replica named, in order', states.map((own) => own.join(' > ')).join(' | ')],
  ['from the record of a state until the last process is in it, ms', lagsMs.map((ms) => ms.toFixed(0)).join(', ')],
  ['lines circuit-transition in the logs of all processes', String(logged)],
  ['spillway_circuit_transitions_total of each replica', counted.join(', ')]
])}\n\n`)

const costs: string[][] = []
for (const isLoaded of [false, true]) {
  for (const count of [1, 4, 16]) {
    const { readings, reports, others, run, busyShare } = await commandsOf(count, isLoaded)
    costs.push([
      `${count}, ${isLoaded ? 'under load' : 'idle'}`, readings.toFixed(1), reports.toFixed(1), others.toFixed(1),
      run.toFixed(0), (busyShare * 100).toFixed(2)
    ])
  }
}
process.stdout.write(`${table([
  'replicas', 'to read and settle, sent/s', 'reports, sent/s', 'others, sent/s', 'commands run/s, with those of scripts',
  'CPU of Redis, %'
], costs)}\n\n`)

const takeovers = await takeoversOf(replicas)
process.stdout.write(`${table([`${replicas} replicas, the one that reads is`, 'until another has the lease, ms'], [
  ['killed', takeovers.killed.map((ms) => ms.toFixed(0)).join(', ')],
  ['stopped (SIGSTOP)', takeovers.stopped.map((ms) => ms.toFixed(0)).join(', ')]
])}\n`)
