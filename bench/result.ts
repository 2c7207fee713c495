/** The results of a run of the bench, as they go into the file of `--json`. */
export interface BenchResult {
  machine: Machine
  /** RFC 3339. */
  startedAt: string
  rounds: number
  scenarios: ScenarioResult[]
}

/** The machine of the run: figures of two machines cannot be compared, their ratios may. */
export interface Machine {
  cpu: string
  cores: number
  node: string
  redis: string
}

/** One scenario: its subjects, and how they compare. */
export interface ScenarioResult {
  /** Name of its file. */
  name: string
  title: string
  /** The quantity that differs between the points of a curve, as the name of its axis: `events waiting`. */
  grows?: string
  subjects: SubjectResult[]
  ratios: RatioResult[]
  notes?: string[]
}

/** The figures of one subject under the load of a scenario. */
export interface SubjectResult {
  /** A point of a curve is `subject@value`. */
  name: string
  /** One of each round. */
  samples: Sample[]
  /** The median of each metric on its own. */
  median: Sample
}

/** Figures by name; the name ends in the unit. */
export type Sample = Record<string, number>

/** How one subject compares with another, or with a bar. */
export interface RatioResult {
  what: string
  /** Subject above the line. */
  of: string
  /** Subject below it; empty for a value that stands for itself. */
  to: string
  metric: string
  /** A quotient unless it says otherwise. */
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

/** The value that a figure has to reach; the project set it for itself. */
export interface Bar {
  atLeast?: number
  atMost?: number
}
