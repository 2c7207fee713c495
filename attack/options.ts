import { OptionReader } from '../rig/options.ts'

export interface Options {
  readonly seed: number
  /** Few requests and no attack that is long, for CI. */
  readonly isQuick: boolean
  /** Names of the attacks to run. */
  readonly only: readonly string[]
  /** Checks that the checks catch sabotaged products instead. */
  readonly isSabotage: boolean
  /** The file for the table as Markdown. */
  readonly markdown: string | undefined
}

const FLAGS = {
  seed: { type: 'string' },
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  sabotage: { type: 'boolean', default: false },
  markdown: { type: 'string' }
} as const

const LARGEST_SEED = 2 ** 31 - 1

/**
 * Reads the command line.
 *
 * @param known names of all attacks
 * @param freshSeed used if no seed is given
 * @throws OptionError that names every flag that is wrong
 */
export function parseOptions (args: readonly string[], known: readonly string[], freshSeed: number): Options {
  const reader = new OptionReader(args, FLAGS)
  const { values } = reader
  const seed = reader.number('seed', values.seed ?? String(freshSeed), { low: 0, high: LARGEST_SEED, isWhole: true })
  const only = values.only === undefined ? known : reader.names('only', 'attack', values.only, known)
  if (values.markdown === '') reader.problems.push('--markdown: expected the path of a file, got nothing')
  reader.check()
  return { seed, isQuick: values.quick, only, isSabotage: values.sabotage, markdown: values.markdown }
}
