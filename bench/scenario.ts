import type { Appendfsync } from '../rig/redis.ts'
import type { WantedRatio } from './ratio.ts'
import type { Sample } from './result.ts'
import type { Stage } from './stage.ts'
import type { Subject } from './subject/subject.ts'

/** The export of a file of bench/scenarios/. The file name is the name of the scenario. */
export interface Scenario {
  /** The subject of the measurement, in a few words. */
  readonly title: string
  /** The cases to measure, by name; all of them run in each round. */
  readonly cases: Readonly<Record<string, Case>>
  readonly ratios: readonly WantedRatio[]
  /** The name of the x axis, for a scenario with cases such as `spillway@value`. */
  readonly grows?: string
  /** The cases of a quick run; if absent, a quick run skips the scenario. */
  readonly quick?: readonly string[]
  /** Measures figures that the cases need, before the first round. The notes of the result contain them. */
  readonly prepare?: (measure: (candidate: Case) => Promise<Sample>) => Promise<Record<string, number>>
  readonly notes?: readonly string[]
}

/** One subject under one load. */
export interface Case {
  readonly subject: Subject
  /** everysec by default. */
  readonly appendfsync?: Appendfsync
  readonly measure: (stage: Stage) => Promise<Sample>
}

export const SCENARIO_SHAPE = 'a Scenario: { title, cases, ratios, grows?, quick?, prepare?, notes? }'

export function isScenario (candidate: unknown): candidate is Scenario {
  const { title, cases, ratios, quick = [] } = (candidate ?? {}) as Partial<Scenario>
  if (typeof title !== 'string' || typeof cases !== 'object' || !Array.isArray(ratios)) return false
  const isCase = (name: string | undefined) => name === undefined || name in cases
  return Object.values(cases).every(({ subject, measure }) =>
    typeof subject === 'object' && typeof measure === 'function'
  ) &&
    quick.every(isCase) && ratios.every(({ of, to }: WantedRatio) => isCase(of) && isCase(to))
}
