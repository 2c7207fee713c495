/** The checks of a run; a violation of any fails it. */
export const CHECKS = [
  'crash', 'rejection', 'server-error', 'problem', 'secret', 'output', 'memory', 'turn', 'cpu', 'critical', 'silence',
  'breach'
] as const

export type Check = typeof CHECKS[number]

/** A violated check with the number of its violations and the first examples. */
export interface Finding {
  readonly check: Check
  readonly count: number
  readonly examples: readonly string[]
}

const MOST_EXAMPLES = 8

/** Counts the violations of each check and keeps the first examples. */
export class Findings {
  readonly #found = new Map<Check, { count: number, examples: string[] }>()

  record (check: Check, what: string): void {
    const found = this.#found.get(check) ?? { count: 0, examples: [] }
    this.#found.set(check, found)
    found.count++
    if (found.examples.length < MOST_EXAMPLES && !found.examples.includes(what)) found.examples.push(what)
  }

  /** In the order of CHECKS. */
  list (): Finding[] {
    return CHECKS.flatMap((check) => {
      const found = this.#found.get(check)
      return found === undefined ? [] : [{ check, ...found }]
    })
  }
}
