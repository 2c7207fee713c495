import { OptionReader } from '../rig/options.ts'

export const APPENDFSYNC = ['always', 'everysec'] as const
export const REDIS = ['tcp', 'embedded', 'sentinel'] as const

/** The options of a run. */
export interface Options {
  readonly seed: number
  readonly minutes: number
  /** Names of the faults to inject, in the order of the registry. */
  readonly faults: readonly string[]
  /** Events posted per second. */
  readonly rate: number
  readonly appendfsync: typeof APPENDFSYNC[number]
  /** The kind of Redis: one that Spillway reaches by TCP, the embedded one, or one with replicas and Sentinels. */
  readonly redis: typeof REDIS[number]
  /** Shards of the queue. */
  readonly shards: number
  /** Path of the file that gets the report as JSON. */
  readonly json: string | undefined
  /** Check that the proof catches sabotaged products instead. */
  readonly isSabotage: boolean
  /** Keep the folder with the data and the logs of the processes. */
  readonly isKept: boolean
}

const FLAGS = {
  seed: { type: 'string' },
  minutes: { type: 'string', default: '2' },
  faults: { type: 'string', default: 'all' },
  rate: { type: 'string', default: '300' },
  appendfsync: { type: 'string', default: 'always' },
  redis: { type: 'string' },
  sentinel: { type: 'boolean', default: false },
  shards: { type: 'string', default: '1' },
  json: { type: 'string' },
  keep: { type: 'boolean', default: false },
  sabotage: { type: 'boolean', default: false }
} as const

const LARGEST_SEED = 2 ** 32 - 1
const SHORTEST_MINUTES = 0.1
const LONGEST_MINUTES = 120
const HIGHEST_RATE = 5_000
const MOST_SHARDS = 16

/**
 * Reads the command line.
 *
 * @param known names of all faults
 * @param freshSeed used if no seed is given
 * @throws OptionError that names every flag that is wrong
 */
export function parseOptions (args: readonly string[], known: readonly string[], freshSeed: number): Options {
  const reader = new OptionReader(args, FLAGS)
  const { values } = reader
  const seed = reader.number('seed', values.seed ?? String(freshSeed), { low: 0, high: LARGEST_SEED, isWhole: true })
  const minutes = reader.number('minutes', values.minutes, { low: SHORTEST_MINUTES, high: LONGEST_MINUTES })
  const rate = reader.number('rate', values.rate, { low: 1, high: HIGHEST_RATE, isWhole: true })
  const shards = reader.number('shards', values.shards, { low: 1, high: MOST_SHARDS, isWhole: true })
  const faults = values.faults === 'all'
    ? known
    : values.faults === 'none'
    ? []
    : reader.names('faults', 'fault', values.faults, known, ', all and none')
  const appendfsync = reader.choice('appendfsync', values.appendfsync, APPENDFSYNC)
  const redis = reader.choice('redis', values.redis ?? (values.sentinel ? 'sentinel' : 'tcp'), REDIS)
  if (values.sentinel && redis !== 'sentinel') reader.problems.push(`--sentinel: does not go with --redis ${redis}`)
  if (values.json === '') reader.problems.push('--json: expected the path of a file, got nothing')
  reader.check()
  return {
    seed,
    minutes,
    faults,
    rate,
    appendfsync,
    redis,
    shards,
    json: values.json,
    isKept: values.keep,
    isSabotage: values.sabotage
  }
}
