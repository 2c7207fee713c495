import { OptionReader } from '../rig/options.ts'

/** The options of a run. */
export interface Options {
  /** Names of the scenarios to run. */
  readonly scenarios: readonly string[]
  readonly rounds: number
  /** Measured time of one sample, unless the scenario fixes it. */
  readonly seconds: number
  /** How long a closed or an open loop runs before it is measured. */
  readonly warmUpSeconds: number
  /** Runs only the cases that guard against regressions, in a minute and a half. */
  readonly isQuick: boolean
  /** The longest run if the number of rounds is not fixed; rounds after the first are skipped to meet it. */
  readonly mostSeconds: number | undefined
  /** Path of the file that gets the result as JSON. */
  readonly json: string | undefined
  /** Whether to write the results into the documents. */
  readonly updatesDocs: boolean
  /** Whether to write the results as the baseline of later runs. */
  readonly updatesBaseline: boolean
}

/** The flags of the command line. */
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

/**
 * The compilers of Node.js need time: the cost of an event falls for ten seconds and more, longest in a large program.
 */
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
 * @param quick names of the scenarios of a quick run
 * @throws OptionError that names every flag that is wrong
 */
export function parseOptions (args: readonly string[], known: readonly string[], quick: readonly string[]): Options {
  const reader = new OptionReader(args, FLAGS)
  const { values, problems } = reader
  const number = (flag: 'rounds' | 'seconds' | 'warm-up', low: number, high: number, isWhole: boolean) => {
    const text = values[flag]
    if (text === undefined) return (values.quick ? QUICK_DEFAULTS : DEFAULTS)[flag]
    return reader.number(flag, text, { low, high, isWhole })
  }
  const rounds = number('rounds', 1, MOST_ROUNDS, true)
  const seconds = number('seconds', SHORTEST_SECONDS, LONGEST_SECONDS, false)
  const warmUpSeconds = number('warm-up', 0, LONGEST_SECONDS, false)
  const named = values.only === undefined ? undefined : reader.names('only', 'scenario', values.only, known)
  if (values.json === '') problems.push('--json: expected the path of a file, got nothing')
  if (values.docs && values.quick)
    problems.push('--docs: not with --quick, which leaves out most of what the documents show')
  reader.check()
  return {
    scenarios: named ?? (values.quick ? known.filter((name) => quick.includes(name)) : known),
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
