/** One bad key with the given value (never a secret) and the allowed ones, both as text for people. */
export interface ConfigProblem {
  readonly key: string
  readonly given: string
  readonly allowed: string
}

/** Carries all problems of a configuration, so one restart mends them all. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'CONFIG_INVALID'
  readonly problems: readonly ConfigProblem[]

  constructor (problems: readonly ConfigProblem[]) {
    super([
      'invalid configuration:',
      ...problems.map(({ key, given, allowed }) => `  ${key}: given ${given}, allowed: ${allowed}`)
    ].join('\n'))
    this.problems = problems
  }
}
