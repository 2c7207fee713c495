/** The results of a run of the bench, in the form of the file of `--json`. */
export interface BenchResult {
  machine: Machine
  /** RFC 3339. */
  startedAt: string
  rounds: number
  scenarios: ScenarioResult[]
}

/** The machine of the run. Ratios are comparable between machines, figures are not. */
export interface Machine {
  cpu: string
  cores: number
  node: string
  redis: string
}

/** One scenario: its subjects and their comparisons. */
export interface ScenarioResult {
  /** Name of its file. */
  name: string
  title: string
  /** The quantity on the x axis of a curve: `events waiting`. */
  grows?: string
  subjects: SubjectResult[]
  ratios: RatioResult[]
  notes?: string[]
}

/** The figures of one subject under the load of a scenario. */
export interface SubjectResult {
  /** A point of a curve is `subject@value`. */
  name: string
  /** One sample per round. */
  samples: Sample[]
  /** The median of each metric. */
  median: Sample
}

/** Figures by name; the name ends in the unit. */
export type Sample = Record<string, number>

/** The comparison of a subject with another, or with a bar. */
export interface RatioResult {
  what: string
  /** Subject above the line. */
  of: string
  /** Subject below the line; empty for a single value. */
  to: string
  metric: string
  /** A quotient by default. */
  kind?: RatioKind
  /** Median of `perRound`. */
  value: number
  /** From two subjects that ran in the same round. */
  perRound: number[]
  bar?: Bar
  isReached?: boolean
}

/** Quotient of two subjects, difference of two, or the figure of one. */
export type RatioKind = 'quotient' | 'difference' | 'value'

/** The goal of the project for a figure. */
export interface Bar {
  atLeast?: number
  atMost?: number
}
