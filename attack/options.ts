import { OptionReader } from '../rig/options.ts'

export interface Options {
  readonly seed: number
  /** Few requests and no attack that is long, for CI. */
  readonly isQuick: boolean
  /** Names of the attacks to run, long ones too; undefined for all. */
  readonly only: readonly string[] | undefined
  /** Checks that the checks catch sabotaged products instead. */
  readonly isSabotage: boolean
  /** The file for the table as Markdown. */
  readonly markdown: string | undefined
  /** Only explains the flags. */
  readonly isHelp: boolean
}

const FLAGS = {
  seed: { type: 'string' },
  quick: { type: 'boolean', default: false },
  only: { type: 'string' },
  sabotage: { type: 'boolean', default: false },
  markdown: { type: 'string' },
  help: { type: 'boolean', default: false }
} as const

const EXPLANATIONS: Readonly<Record<keyof typeof FLAGS, readonly [value: string, text: string]>> = {
  seed: ['N', 'repeats the generated requests of a run'],
  quick: ['', 'sends fewer requests, and leaves out attacks that are long'],
  only: ['A,B', 'runs these attacks, long ones too; with --sabotage, their sabotages'],
  sabotage: ['', 'breaks the product on purpose, and fails if an attack does not notice'],
  markdown: ['FILE', 'writes the table of the run to a file'],
  help: ['', 'prints this']
}

const LARGEST_SEED = 2 ** 31 - 1
const FLAG_COLUMNS = 18

/** Returns the explanation of the flags, and the names of the attacks. */
export function helpText (known: readonly string[]): string {
  const lines = Object.entries(EXPLANATIONS).map(([flag, [value, text]]) =>
    `  ${`--${flag} ${value}`.padEnd(FLAG_COLUMNS)}${text}`)
  return ['npm run attack -- [flags]', '', ...lines, '', `attacks: ${known.join(', ')}`].join('\n')
}

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
  const only = values.only === undefined ? undefined : reader.names('only', 'attack', values.only, known)
  if (values.markdown === '') reader.problems.push('--markdown: expected the path of a file, got nothing')
  reader.check()
  const { quick: isQuick, sabotage: isSabotage, markdown, help: isHelp } = values
  return { seed, isQuick, only, isSabotage, markdown, isHelp }
}
