/** One bad key: what was given (never a secret) and what is allowed, both as text for a person. */
export interface ConfigProblem {
  readonly key: string
  readonly given: string
  readonly allowed: string
}

/** Carries every problem of a configuration at once, so that nobody has to restart once per mistake. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'CONFIG_INVALID'
  readonly problems: readonly ConfigProblem[]

  constructor (problems: readonly ConfigProblem[]) {
    super(['invalid configuration:', ...problems.map(({ key, given, allowed }) => `  ${key}: given ${given}, allowed: ${allowed}`)].join('\n'))
    this.problems = problems
  }
}
