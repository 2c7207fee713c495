import { parseArgs } from 'node:util'

/** How a run was asked for. */
export interface Options {
  /** Names of the scenarios to run. */
  readonly scenarios: readonly string[]
  readonly rounds: number
  /** Measured time of one sample where the scenario does not fix it. */
  readonly seconds: number
  /** How long a closed or an open loop runs before it is measured. */
  readonly warmUpSeconds: number
  /** Only what a guard against regressions needs, in a minute and a half. */
  readonly isQuick: boolean
  /** When its rounds are not fixed: what a run is to take in all, at the cost of rounds after the first. */
  readonly mostSeconds: number | undefined
  /** Where the result goes as JSON. */
  readonly json: string | undefined
  /** Whether the documents are to show what is found. */
  readonly updatesDocs: boolean
  /** Whether later runs are to be compared with what is found. */
  readonly updatesBaseline: boolean
}

/** Flags that cannot be understood; the message names each of them. */
export class OptionError extends Error {
  readonly code = 'bad-option'
}

/** What the command line may say. */
export const FLAGS = {
  only: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  'warm-up': { type: 'string' },
  quick: { type: 'boolean', default: false },
  json: { type: 'string' },
  docs: { type: 'boolean', default: false },
  baseline: { type: 'boolean', default: false }
} as const

/** The compilers of Node.js take their time: what an event costs goes on falling for ten seconds and more, most for a large program. */
const DEFAULTS = { 'rounds': 3, 'seconds': 3, 'warm-up': 6 }
const QUICK_DEFAULTS = { 'rounds': 2, 'seconds': 1, 'warm-up': 0.7 }
const QUICK_MOST_SECONDS = 80
const MOST_ROUNDS = 100
const SHORTEST_SECONDS = 0.2
const LONGEST_SECONDS = 600

/**
 * Reads the command line.
 *
 * @param known names of all scenarios
 * @param quick those of a quick run
 * @throws OptionError that names every flag that is wrong
 */
export function parseOptions (args: readonly string[], known: readonly string[], quick: readonly string[]): Options {
  const values = parseFlags(args)
  const problems: string[] = []
  const number = (flag: 'rounds' | 'seconds' | 'warm-up', low: number, high: number, isWhole: boolean) => {
    const text = values[flag]
    if (text === undefined) return (values.quick ? QUICK_DEFAULTS : DEFAULTS)[flag]
    const value = text.trim() === '' ? NaN : Number(text)
    if (value >= low && value <= high && (!isWhole || Number.isInteger(value))) return value
    problems.push(`--${flag}: expected ${isWhole ? 'an integer' : 'a number'} from ${low} to ${high}, got ${text || 'nothing'}`)
    return low
  }
  const rounds = number('rounds', 1, MOST_ROUNDS, true)
  const seconds = number('seconds', SHORTEST_SECONDS, LONGEST_SECONDS, false)
  const warmUpSeconds = number('warm-up', 0, LONGEST_SECONDS, false)
  const named = values.only?.split(',').map((name) => name.trim())
  for (const name of named ?? []) {
    if (!known.includes(name)) problems.push(`--only: there is no scenario ${name || '(nothing)'}; there are ${known.join(', ')}`)
  }
  if (values.json === '') problems.push('--json: expected the path of a file, got nothing')
  if (values.docs && values.quick) problems.push('--docs: not with --quick, which leaves out most of what the documents show')
  if (problems.length > 0) throw new OptionError(problems.join('\n'))
  const offered = values.quick ? known.filter((name) => quick.includes(name)) : known
  return {
    scenarios: named === undefined ? offered : known.filter((name) => named.includes(name)),
    rounds,
    seconds,
    warmUpSeconds,
    isQuick: values.quick,
    mostSeconds: values.quick && values.rounds === undefined ? QUICK_MOST_SECONDS : undefined,
    json: values.json,
    updatesDocs: values.docs,
    updatesBaseline: values.baseline
  }
}

function parseFlags (args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: FLAGS, strict: true }).values
  } catch (error) {
    // Node's messages name the flag.
    if (error instanceof TypeError) throw new OptionError(`${error.message}\nthe flags are ${Object.keys(FLAGS).map((flag) => `--${flag}`).join(', ')}`)
    throw error
  }
}
