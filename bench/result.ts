/** What one run of the bench found out. */
export interface BenchResult {
  machine: { cpu: string, cores: number, node: string, redis: string }
  startedAt: string
  rounds: number
  scenarios: ScenarioResult[]
}

/** One scenario: everybody who took part in it, and how they compare. */
export interface ScenarioResult {
  name: string
  title: string
  subjects: SubjectResult[]
  ratios: RatioResult[]
  notes?: string[]
}

/** One participant: a sample per round, and the median of each metric over the rounds. */
export interface SubjectResult {
  name: string
  samples: Sample[]
  median: Sample
}

/** Figures by metric; the name of a metric ends with its unit. */
export type Sample = Record<string, number>

/** A metric of one subject divided by that of another, in the same round. */
export interface RatioResult {
  what: string
  of: string
  to: string
  metric: string
  value: number
  perRound: number[]
  bar?: { atLeast?: number, atMost?: number }
  isReached?: boolean
}
