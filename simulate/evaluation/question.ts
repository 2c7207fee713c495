import type { ColumnName } from './columns.ts'

/** The default export of each file of questions/: who is compared, in which scenarios, and by which figures. */
export interface Question {
  readonly title: string
  /** Names of scenarios. */
  readonly scenarios: readonly string[]
  /** Flags that are added to those of each scenario, by a name. */
  readonly variants: Readonly<Record<string, readonly string[]>>
  /** The first is the one that others are compared with. */
  readonly contestants: readonly Contestant[]
  readonly seeds: number
  /** Configurations that each contestant with parameters may try; 0 does not tune. */
  readonly tune: number
  readonly columns: readonly ColumnName[]
  /** Whether the rule of adoption is applied to the contestants. */
  readonly isAdoption?: boolean
}

/** A subject, or one that is tuned where others are not. */
export interface Contestant {
  readonly subject: string
  /** The name of the subject if absent. */
  readonly name?: string
  /** Flags added to those of the scenario for tuning alone. */
  readonly tunedWith?: readonly string[]
}

export const QUESTION_SHAPE = 'a Question: { title, scenarios, variants, contestants, seeds, tune, columns }'

export function isQuestion (candidate: unknown): candidate is Question {
  const { title, scenarios, contestants } = (candidate ?? {}) as Partial<Question>
  return typeof title === 'string' && Array.isArray(scenarios) && Array.isArray(contestants)
}

export function nameOf ({ subject, name = subject }: Contestant): string {
  return name
}
