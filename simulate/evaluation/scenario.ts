/** The default export of each file of scenarios/: arrivals that questions are asked about. */
export interface Scenario {
  /** As tables name it. */
  readonly title: string
  /** The name of a file in the folder of traces; absent if the flags name a pattern. */
  readonly trace?: string
  /** Flags of the simulator. */
  readonly flags: readonly string[]
}

export const SCENARIO_SHAPE = 'a Scenario: { title, flags }'

export function isScenario (candidate: unknown): candidate is Scenario {
  const { title, flags } = (candidate ?? {}) as Partial<Scenario>
  return typeof title === 'string' && Array.isArray(flags)
}
