import { resolve } from 'node:path'
import { OptionReader } from '../rig/options.ts'
import { PRESETS } from '../services/config/presets.ts'
import type { ByClass } from './classes.ts'
import { SPLITS, type Flood } from './arrivals/flood.ts'
import { HINTS, type Hint } from './world/hint.ts'
import type { Order } from './world/line.ts'
import { SERVICE_TIMES, type Deadlines, type ServiceTimes } from './world/population.ts'
import type { Span } from './world/span.ts'

/** The arrivals: a trace or a recording by its path, or a pattern by its name. */
export type Source =
  | { readonly trace: string, readonly column: string | undefined }
  | { readonly recording: string }
  | { readonly pattern: string, readonly eventsPerSecond: number, readonly seconds: number }

/** All that makes a world, as plain data: each thread builds its own from it. */
export interface WorldOptions {
  readonly source: Source
  readonly scale: number
  /** Seconds of the trace that are left out at its beginning, and the most that are used. */
  readonly fromSeconds: number
  readonly mostSeconds: number
  /** Mean of the offered work as a share of the capacity. */
  readonly load: number
  /** Events of mean service time per second; undefined derives it from the load. */
  readonly capacityPerSecond: number | undefined
  /** Undefined derives them from the capacity. */
  readonly slots: number | undefined
  readonly mostWorkers: number
  readonly scaleOutLagMs: number
  readonly capacityChange: number
  readonly oscillationMs: number
  readonly stalls: readonly Span[]
  readonly timeOuts: readonly Span[]
  readonly outages: readonly Span[]
  readonly mix: ByClass
  readonly organizations: number
  readonly serviceTimes: ServiceTimes
  readonly flood: Flood | undefined
  /** The order in which workers take the events of a class; undefined takes that of the settings. */
  readonly order: Order | undefined
  readonly clients: readonly string[]
  readonly producers: number
  readonly mostOffers: number
  readonly hint: Hint
  readonly failures: number
  readonly deadlines: readonly Deadlines[]
  /** Undefined takes those of the configuration. */
  readonly budgetsMs: ByClass | undefined
  readonly preset: string | undefined
  /** Undefined is that of production. */
  readonly sampleIntervalMs: number | undefined
  /** Critical threshold in events, which the others follow; undefined takes those of the preset. */
  readonly critical: number | undefined
}

/** How a run was asked for. */
export interface Options {
  readonly world: WorldOptions
  readonly subjects: readonly string[]
  readonly seeds: number
  /** Configurations that each subject may try; 0 does not tune. */
  readonly tune: number
  /** The file of proposed settings, to compare with those of the recording. */
  readonly against: string | undefined
  readonly isRecommending: boolean
  readonly json: string | undefined
  readonly html: string | undefined
}

/** The names that flags may hold, found in folders. */
export interface KnownNames {
  readonly subjects: readonly string[]
  readonly patterns: readonly string[]
  readonly clients: readonly string[]
}

const FLAGS = {
  'trace': { type: 'string' },
  'pattern': { type: 'string' },
  'recording': { type: 'string' },
  'against': { type: 'string' },
  'recommend': { type: 'boolean', default: false },
  'column': { type: 'string' },
  'rate': { type: 'string', default: '100' },
  'seconds': { type: 'string' },
  'from': { type: 'string', default: '0' },
  'scale': { type: 'string', default: '1' },
  'load': { type: 'string', default: '0.8' },
  'capacity': { type: 'string' },
  'slots': { type: 'string' },
  'most-workers': { type: 'string', default: '1' },
  'scale-out-lag': { type: 'string', default: '60' },
  'capacity-change': { type: 'string', default: '1' },
  'oscillation': { type: 'string', default: '0' },
  'stalls': { type: 'string' },
  'time-outs': { type: 'string' },
  'outages': { type: 'string' },
  'mix': { type: 'string', default: '5,55,40' },
  'organizations': { type: 'string', default: '100' },
  'service-times': { type: 'string', default: 'exponential' },
  'flood': { type: 'string' },
  'flood-over': { type: 'string' },
  'order': { type: 'string' },
  'clients': { type: 'string' },
  'producers': { type: 'string', default: '0' },
  'most-offers': { type: 'string', default: '5' },
  'hint': { type: 'string', default: 'own' },
  'failures': { type: 'string', default: '0' },
  'deadlines': { type: 'string' },
  'budgets': { type: 'string' },
  'preset': { type: 'string' },
  'sample-interval': { type: 'string' },
  'critical': { type: 'string' },
  'subjects': { type: 'string' },
  'seeds': { type: 'string', default: '1' },
  'tune': { type: 'string', default: '0' },
  'json': { type: 'string' },
  'html': { type: 'string' }
} as const

const ORDERS = ['off', 'organizations', 'types', 'levels'] as const satisfies readonly Order[]
const PATTERN_SECONDS = 3_600
const LONGEST_SECONDS = 10_000_000

/**
 * Reads the command line.
 *
 * @throws OptionError that names every flag that is wrong
 */
export function parseOptions (args: readonly string[], known: KnownNames): Options {
  const reader = new OptionReader(args, FLAGS)
  const { values, problems } = reader
  const number = (
    flag: Exclude<keyof typeof FLAGS, 'trace' | 'recommend'>, low: number, high: number, isWhole = false
  ) =>
    reader.number(flag, values[flag] ?? '', { low, high, isWhole })
  const source = sourceOf(reader, known)
  const mostSeconds = values.seconds === undefined ? Infinity : number('seconds', 1, LONGEST_SECONDS, true)
  const shares = threeNumbers(reader, 'mix', values.mix)
  const total = shares[0] + shares[1] + shares[2]
  if (total <= 0) problems.push('--mix: expected at least one share above 0')
  const preset = values.preset
  if (preset !== undefined && !Object.hasOwn(PRESETS, preset)) {
    problems.push(`--preset: there is no preset ${preset || '(nothing)'}; there are ${Object.keys(PRESETS).join(', ')}`)
  }
  const options: Options = {
    world: {
      source,
      scale: number('scale', 1e-6, 1e6),
      fromSeconds: number('from', 0, LONGEST_SECONDS, true),
      mostSeconds,
      load: number('load', 0.01, 100),
      capacityPerSecond: values.capacity === undefined ? undefined : number('capacity', 0.001, 1e9),
      slots: values.slots === undefined ? undefined : number('slots', 1, 100_000, true),
      mostWorkers: number('most-workers', 1, 1_000, true),
      scaleOutLagMs: number('scale-out-lag', 0, 86_400) * 1_000,
      capacityChange: number('capacity-change', 0.01, 100),
      oscillationMs: number('oscillation', 0, 86_400) * 1_000,
      stalls: spansOf(reader, 'stalls'),
      timeOuts: spansOf(reader, 'time-outs'),
      outages: spansOf(reader, 'outages'),
      mix: [shares[0] / total, shares[1] / total, shares[2] / total],
      organizations: number('organizations', 1, 1_000_000, true),
      serviceTimes: reader.choice('service-times', values['service-times'], SERVICE_TIMES as never) as ServiceTimes,
      flood: floodOf(reader),
      order: values.order === undefined ? undefined : reader.choice('order', values.order, ORDERS),
      clients: reader.names('clients', 'client', values.clients ?? usualClient(source), known.clients),
      producers: number('producers', 0, 1_000_000, true),
      mostOffers: number('most-offers', 1, 60_000, true),
      hint: reader.choice('hint', values.hint, HINTS),
      failures: number('failures', 0, 0.99),
      deadlines: deadlinesOf(reader),
      budgetsMs: values.budgets === undefined ? undefined : threeNumbers(reader, 'budgets', values.budgets),
      preset,
      sampleIntervalMs: values['sample-interval'] === undefined
        ? undefined
        : number('sample-interval', 10, 10_000, true),
      critical: values.critical === undefined ? undefined : number('critical', 10, 1e8, true)
    },
    subjects: values.subjects === undefined ? known.subjects : inOrder(reader, values.subjects, known.subjects),
    seeds: number('seeds', 1, 1_000, true),
    tune: number('tune', 0, 10_000, true),
    against: values.against === undefined ? undefined : resolve(values.against),
    isRecommending: values.recommend,
    json: fileOf(reader, 'json'),
    html: fileOf(reader, 'html')
  }
  problems.push(...conflictsOf(reader))
  reader.check()
  return options
}

/** The repetitions of producers are in a recording already. */
function usualClient (source: Source): string {
  return 'recording' in source ? 'none' : 'jitter'
}

/** Flags that make no sense together. */
function conflictsOf ({ values }: Reader): string[] {
  const { recording, against, recommend, subjects, flood } = values
  const thresholds = (['preset', 'critical'] as const)
    .filter((flag) => recording !== undefined && values[flag] !== undefined)
  return [
    ...(against !== undefined && recording === undefined ? ['--against: only with --recording'] : []),
    ...(flood !== undefined && recording !== undefined ? ['--flood: not with --recording'] : []),
    ...(against !== undefined && recommend ? ['--recommend: not with --against; choose one of them'] : []),
    ...(against !== undefined && subjects !== undefined
      ? ['--subjects: not with --against, which runs production']
      : []),
    ...(recommend && subjects !== undefined ? ['--subjects: not with --recommend, which runs production'] : []),
    ...thresholds.map((flag) => `--${flag}: not with --recording, which has its own thresholds`)
  ]
}

type Reader = OptionReader<typeof FLAGS>

function sourceOf (reader: Reader, { patterns }: KnownNames): Source {
  const { values, problems } = reader
  const given = (['trace', 'recording', 'pattern'] as const).filter((flag) => values[flag] !== undefined)
  if (given.length > 1) problems.push(`--${given[0]}: not with --${given[1]}; choose one of them`)
  if (values.recording !== undefined) {
    if (values.column !== undefined) problems.push('--column: not with --recording, which has no columns')
    return { recording: resolve(values.recording) }
  }
  if (values.pattern === undefined) {
    if (!values.trace) {
      problems.push('--trace: expected the path of a trace, --recording with a path, or --pattern with a name; got none')
    }
    return { trace: resolve(values.trace ?? ''), column: values.column }
  }
  if (values.column !== undefined) problems.push('--column: not with --pattern, which has no columns')
  const pattern = reader.names('pattern', 'pattern', values.pattern, patterns)[0] ?? ''
  const eventsPerSecond = reader.number('rate', values.rate, { low: 0.01, high: 1e6 })
  const seconds = values.seconds === undefined ? PATTERN_SECONDS : Math.max(1, Math.floor(Number(values.seconds)) || 1)
  return { pattern, eventsPerSecond, seconds }
}

/** `AT:FOR` in seconds, several of them separated by commas. */
function spansOf ({ values, problems }: Reader, flag: 'stalls' | 'time-outs' | 'outages'): readonly Span[] {
  const spans = values[flag]
  if (spans === undefined) return []
  return spans.split(',').map((text) => {
    const [, at, length] = /^(\d+):(\d+)$/.exec(text.trim()) ?? []
    if (length === undefined) problems.push(`--${flag}: expected AT:FOR in seconds, got ${text || 'nothing'}`)
    return { atMs: Number(at ?? 0) * 1_000, forMs: Number(length ?? 0) * 1_000 }
  })
}

/** A flood, over `keys:N`, `types:N` or `names:N` if that is asked for. */
function floodOf (reader: Reader): Flood | undefined {
  const { values: { flood, 'flood-over': over }, problems } = reader
  if (flood === undefined) {
    if (over !== undefined) problems.push('--flood-over: only with --flood')
    return undefined
  }
  const factor = reader.number('flood', flood, { low: 0.01, high: 1_000 })
  if (over === undefined) return { factor, split: undefined, parts: 1 }
  const [, split, parts] = new RegExp(`^(${SPLITS.join('|')}):([1-9]\\d{0,3})$`).exec(over.trim()) ?? []
  if (parts === undefined) problems.push(`--flood-over: expected ${SPLITS.join(', ')} with :N, got ${over || 'nothing'}`)
  return { factor, split: split as Flood['split'], parts: Number(parts ?? 1) }
}

/** `SHARE:SECONDS`, several separated by commas: so many of the events have to be delivered within that time. */
function deadlinesOf ({ values, problems }: Reader): WorldOptions['deadlines'] {
  const deadlines = (values.deadlines ?? '').split(',').filter((text) => text !== '').map((text) => {
    const [, share, seconds] = /^([\d.]+):([\d.]+)$/.exec(text.trim()) ?? []
    return { share: Number(share ?? NaN), afterMs: Number(seconds ?? NaN) * 1_000 }
  })
  const isValid = deadlines.every(({ share, afterMs }) => share > 0 && afterMs > 0) &&
    deadlines.reduce((sum, { share }) => sum + share, 0) <= 1
  if (values.deadlines === undefined || (isValid && deadlines.length > 0)) return deadlines
  problems.push('--deadlines: expected SHARE:SECONDS, several separated by commas, with shares of at most 1 together; got ' +
    (values.deadlines || 'nothing'))
  return []
}

function threeNumbers ({ problems }: Reader, flag: 'mix' | 'budgets', given: string): ByClass {
  const numbers = given.split(',').map((text) => text.trim() === '' ? NaN : Number(text))
  if (numbers.length !== 3 || !numbers.every((value) => value >= 0 && Number.isFinite(value))) {
    problems.push(`--${flag}: expected three numbers for critical, normal and low, got ${given || 'nothing'}`)
    return [1, 1, 1]
  }
  return numbers as unknown as ByClass
}

/** In the order in which they were named: the first is the one that others are compared with. */
function inOrder (reader: Reader, text: string, known: readonly string[]): readonly string[] {
  const found = reader.names('subjects', 'subject', text, known)
  return [...new Set(text.split(',').map((name) => name.trim()))].filter((name) => found.includes(name))
}

function fileOf ({ values, problems }: Reader, flag: 'json' | 'html'): string | undefined {
  if (values[flag] === '') problems.push(`--${flag}: expected the path of a file, got nothing`)
  return values[flag]
}
