/*
 * The rule by which a policy becomes a default, written down in docs/SIMULATOR.md before the first comparison.
 */
import type { SubjectResult } from '../compare.ts'

const LEAST_SHARE_BETTER = 2 / 3

/** The results of one scenario, the reference first. */
export interface Judged {
  readonly scenario: string
  readonly results: readonly SubjectResult[]
}

export interface Verdict {
  readonly name: string
  readonly isAdopted: boolean
  /** Scenarios in which the interval of the gain in worth is above zero, lies below zero, or has zero in it. */
  readonly better: readonly string[]
  readonly worse: readonly string[]
  readonly undecided: readonly string[]
  /** Scenarios in which it loses critical events that the reference does not lose. */
  readonly losing: readonly string[]
}

/** Applies the rule to each subject but the first. */
export function verdicts (judged: readonly Judged[]): Verdict[] {
  const [, ...candidates] = judged[0]?.results ?? []
  return candidates.map(({ name }) => {
    const where = (holds: (result: SubjectResult, reference: SubjectResult) => boolean) => judged
      .filter(({ results }) => holds(results.find((result) => result.name === name)!, results[0]!))
      .map(({ scenario }) => scenario)
    const better = where(({ gain }) => gain!.worth.low > 0)
    const worse = where(({ gain }) => gain!.worth.high < 0)
    const losing = where(({ criticalLost }, reference) => criticalLost > reference.criticalLost)
    return {
      name,
      isAdopted: better.length >= LEAST_SHARE_BETTER * judged.length && worse.length === 0 && losing.length === 0,
      better,
      worse,
      undecided: judged.map(({ scenario }) => scenario)
        .filter((scenario) => !better.includes(scenario) && !worse.includes(scenario)),
      losing
    }
  })
}
