/** The checks of a run. A violation of any of them fails it. */
export const CHECKS = [
  'lost',
  'duplicates',
  'strange',
  'id',
  'type',
  'priority',
  'organization',
  'attributes',
  'payload',
  'time',
  'attempt',
  'deadline',
  'signature',
  'call',
  'answers',
  'receipts', 'ledger', 'damage', 'dead-letters', 'replay', 'order', 'circuit', 'shed', 'recovery', 'crashes'
] as const

export type Check = typeof CHECKS[number]

/** A violated check with examples. */
export interface Problem {
  readonly check: Check
  readonly what: string
}

const MOST_EXAMPLES = 5

/** Counts the violations of each check and keeps the first examples. */
export class Violations {
  readonly #counts = new Map<Check, number>()
  readonly #examples = new Map<Check, string[]>()

  record (check: Check, what: string): void {
    this.#counts.set(check, (this.#counts.get(check) ?? 0) + 1)
    const examples = this.#examples.get(check) ?? []
    if (examples.length < MOST_EXAMPLES && !examples.includes(what)) this.#examples.set(check, [...examples, what])
  }

  recordAll (problems: readonly Problem[]): void {
    for (const { check, what } of problems) this.record(check, what)
  }

  has (check: Check): boolean { return this.#counts.has(check) }

  /** By check, in the order of CHECKS. */
  list (): { check: Check, count: number, examples: readonly string[] }[] {
    return CHECKS.flatMap((check) => {
      const count = this.#counts.get(check)
      return count === undefined ? [] : [{ check, count, examples: this.#examples.get(check) ?? [] }]
    })
  }
}
