import { parseArgs } from 'node:util'

export const APPENDFSYNC = ['always', 'everysec'] as const
export const REDIS = ['tcp', 'embedded'] as const

/** What a run was asked to do. */
export interface Options {
  readonly seed: number
  readonly minutes: number
  /** Names of the faults to inject, in the order of the registry. */
  readonly faults: readonly string[]
  /** Events posted per second. */
  readonly rate: number
  readonly appendfsync: typeof APPENDFSYNC[number]
  /** Which Redis Spillway is given: one that it reaches by TCP, or none, so that it starts its own. */
  readonly redis: typeof REDIS[number]
  /** Where the report goes as JSON. */
  readonly json: string | undefined
  /** Prove instead that the proof catches a sabotaged product. */
  readonly isSabotage: boolean
  /** Leave the folder with the data and the logs of the processes in place. */
  readonly isKept: boolean
}

/** Flags that cannot be understood; the message names each of them. */
export class OptionError extends Error {
  readonly code = 'bad-option'
}

const FLAGS = {
  seed: { type: 'string' },
  minutes: { type: 'string', default: '2' },
  faults: { type: 'string', default: 'all' },
  rate: { type: 'string', default: '300' },
  appendfsync: { type: 'string', default: 'always' },
  redis: { type: 'string', default: 'tcp' },
  json: { type: 'string' },
  keep: { type: 'boolean', default: false },
  sabotage: { type: 'boolean', default: false }
} as const

const LARGEST_SEED = 2 ** 32 - 1
const SHORTEST_MINUTES = 0.1
const LONGEST_MINUTES = 120
const HIGHEST_RATE = 5_000

/**
 * Reads the command line.
 *
 * @param known names of all faults
 * @param freshSeed taken when no seed is given
 * @throws OptionError that names every flag that is wrong
 */
export function parseOptions (args: readonly string[], known: readonly string[], freshSeed: number): Options {
  const values = parseFlags(args)
  const problems: string[] = []
  const number = (flag: 'seed' | 'minutes' | 'rate', text: string, low: number, high: number, isWhole: boolean) => {
    const value = text.trim() === '' ? NaN : Number(text)
    if (value >= low && value <= high && (!isWhole || Number.isInteger(value))) return value
    problems.push(`--${flag}: expected ${isWhole ? 'an integer' : 'a number'} from ${low} to ${high}, got ${text || 'nothing'}`)
    return low
  }
  const seed = number('seed', values.seed ?? String(freshSeed), 0, LARGEST_SEED, true)
  const minutes = number('minutes', values.minutes, SHORTEST_MINUTES, LONGEST_MINUTES, false)
  const rate = number('rate', values.rate, 1, HIGHEST_RATE, true)

  const named = values.faults === 'all' ? known : values.faults === 'none' ? [] : values.faults.split(',').map((name) => name.trim())
  for (const name of named) {
    if (!known.includes(name)) problems.push(`--faults: there is no fault ${name || '(nothing)'}; there are ${known.join(', ')}, all and none`)
  }
  const appendfsync = APPENDFSYNC.find((policy) => policy === values.appendfsync)
  if (appendfsync === undefined) problems.push(`--appendfsync: expected one of ${APPENDFSYNC.join(', ')}, got ${values.appendfsync || 'nothing'}`)
  const redis = REDIS.find((kind) => kind === values.redis)
  if (redis === undefined) {
    problems.push(`--redis: expected one of ${REDIS.join(', ')}, got ${values.redis || 'nothing'}`)
  }
  if (values.json === '') problems.push('--json: expected the path of a file, got nothing')
  if (problems.length > 0 || appendfsync === undefined || redis === undefined) {
    throw new OptionError(problems.join('\n'))
  }
  return {
    seed,
    minutes,
    faults: known.filter((name) => named.includes(name)),
    rate,
    appendfsync,
    redis,
    json: values.json,
    isKept: values.keep,
    isSabotage: values.sabotage
  }
}

function parseFlags (args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true }).values
  } catch (error) {
    // Node's messages name the flag: Unknown option '--sed'.
    if (error instanceof TypeError) throw new OptionError(`${error.message}\nthe flags are ${Object.keys(FLAGS).map((flag) => `--${flag}`).join(', ')}`)
    throw error
  }
}
