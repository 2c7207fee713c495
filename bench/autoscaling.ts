/*
 * An autoscaler that follows the number of workers of production, in the simulator and beside a bound that knows all
 * events and whose workers start at once. It looks every 15 s, as Kubernetes does with the manifests of deploy/. A run
 * takes about 25 s of CPU time for a million events. Ends with 1 if a bar is missed.
 *
 *   npm run bench:autoscaling
 *   npm run bench:autoscaling -- --trace FILE [--column NAME] [--from 0] [--seconds 86400] [--events 1400000]
 *     [--workers 8] [--slots 5] [--lags 30,60] [--seeds 1] [--subjects static,forecast] [--drain-target 120]
 */
import { OptionError, orExit, OptionReader } from '../rig/options.ts'
import { table } from '../rig/table.ts'
import { totalOf } from '../simulate/arrivals/arrivals.ts'
import { buildWorld } from '../simulate/build-world.ts'
import type { Figures } from '../simulate/measure/figures.ts'
import { meanOf } from '../simulate/measure/mean.ts'
import { parseOptions } from '../simulate/options.ts'
import { loadRegistries, namesOf } from '../simulate/registries.ts'
import { runSubject } from '../simulate/run-subject.ts'
import { initialValues } from '../simulate/subject.ts'
import { Autoscaler, type Scaler } from '../simulate/world/autoscaler.ts'
import { KnownWork } from '../simulate/world/known-work.ts'
import type { World } from '../simulate/world/world.ts'

/** The most worker-seconds beside those of the bound. */
const MOST_COST = 1.15

const registries = await loadRegistries()
const { args, events, lags, seeds, subjects, drainTargetMs } = orExit(readArguments)
const whole = await worldOf(1)
const world = await worldOf(events / totalOf(whole.arrivals.counts))
const budgetMs = world.budgetsMs[1]
let isMissed = false

const known = Array.from({ length: seeds }, (_, index) => new KnownWork(world, index + 1))
const bound = run('static', world, (seed) => known[seed - 1] as KnownWork)
const rows = [rowOf('all events known', '0', bound)]
for (const lag of lags) {
  for (const subject of subjects) {
    const lagged = { ...world, scaleOutLagMs: lag * 1_000, drainTargetMs: drainTargetMs ?? world.drainTargetMs }
    const figures = run(subject, lagged, () => new Autoscaler(lagged))
    isMissed ||= figures.waitMs.normal.p99 > budgetMs || costOf(figures) > MOST_COST
    rows.push(rowOf(subject, String(lag), figures))
  }
}
process.stdout.write(`${table([
  'subject', 'start, s', 'p99 wait critical, s', 'normal, s', 'low, s', 'worker-seconds', 'to the bound', 'steps', 'reversals'
], rows)}\n`)
process.stdout.write(`${isMissed ? 'MISSES' : 'meets'}: p99 wait of normal within ${budgetMs / 1_000} s, and at most ` +
  `${MOST_COST} times the worker-seconds of the bound\n`)
process.exitCode = isMissed ? 1 : 0

function run (subject: string, inWorld: World, scalerOf: (seed: number) => Scaler): Figures {
  const module = registries.subjects.get(subject)!
  return meanOf(Array.from({ length: seeds }, (_, index) => {
    process.stderr.write(`runs ${subject}, seed ${index + 1}\n`)
    const seed = index + 1
    return runSubject({ world: inWorld, module, parameters: initialValues(module), seed, scaler: scalerOf(seed) }).figures
  }))
}

function seconds (ms: number): string {
  return (ms / 1_000).toFixed(1)
}

function costOf ({ workerSeconds }: Figures): number {
  return workerSeconds / bound.workerSeconds
}

function rowOf (name: string, lag: string, figures: Figures): string[] {
  const { waitMs, workerSeconds, scaleSteps, scaleReversals } = figures
  return [
    name, lag, seconds(waitMs.critical.p99), seconds(waitMs.normal.p99), seconds(waitMs.low.p99),
    workerSeconds.toFixed(0), costOf(figures).toFixed(3), scaleSteps.toFixed(0), scaleReversals.toFixed(0)
  ]
}

async function worldOf (scale: number): Promise<World> {
  const { world: options } = parseOptions([...args, '--scale', String(scale)], namesOf(registries))
  return buildWorld(options, registries).catch((error: Error) => orExit(() => { throw new OptionError(error.message) }))
}

function readArguments () {
  const reader = new OptionReader(process.argv.slice(2), {
    'trace': { type: 'string' },
    'column': { type: 'string' },
    'pattern': { type: 'string', default: 'wave' },
    'from': { type: 'string', default: '0' },
    'seconds': { type: 'string' },
    'events': { type: 'string' },
    'workers': { type: 'string', default: '8' },
    'slots': { type: 'string', default: '5' },
    'lags': { type: 'string', default: '30,60' },
    'seeds': { type: 'string', default: '1' },
    'subjects': { type: 'string', default: 'static' },
    'sample-interval': { type: 'string', default: '500' },
    'drain-target': { type: 'string' }
  })
  const { values } = reader
  const isTrace = values.trace !== undefined
  const number = (flag: 'seeds', low: number, high: number) =>
    reader.number(flag, values[flag], { low, high, isWhole: true })
  const source = isTrace
    ? ['--trace', values.trace as string, ...values.column === undefined ? [] : ['--column', values.column]]
    : ['--pattern', values.pattern, '--rate', '16']
  const read = {
    args: [
      ...source, '--from', values.from, '--seconds', values.seconds ?? (isTrace ? '86400' : '14400'), '--load', values.workers,
      '--slots', values.slots, '--sample-interval', values['sample-interval'], '--most-workers', '1000'
    ],
    events: reader.number('events', values.events ?? (isTrace ? '1400000' : '230400'), { low: 1, high: 1e9 }),
    lags: values.lags.split(',').map((text) => reader.number('lags', text, { low: 0, high: 3_600 })),
    seeds: number('seeds', 1, 20),
    subjects: reader.names('subjects', 'subject', values.subjects, namesOf(registries).subjects),
    drainTargetMs: values['drain-target'] === undefined
      ? undefined
      : 1_000 * reader.number('drain-target', values['drain-target'], { low: 1, high: 86_400 })
  }
  reader.check()
  parseOptions(read.args, namesOf(registries))
  return read
}
