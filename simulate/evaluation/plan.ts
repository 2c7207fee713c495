import type { RegistryEntry } from '../../services/registry/load-folder.ts'
import type { Cell } from './cell.ts'
import type { Question } from './question.ts'
import type { Scenario } from './scenario.ts'

/** A reading every 250 ms in place of 100 makes a run take half as long. */
const COMMON = ['--sample-interval', '250']

/** The most that a run may take: a question that asks for less keeps its own numbers. */
export interface Bounds {
  readonly mostSeeds: number
  readonly mostTune: number
}

/** The cells of a question: each scenario in each variant. */
export function cellsOf (
  { name, value: { scenarios, variants, contestants, seeds, tune } }: RegistryEntry<Question>,
  known: ReadonlyMap<string, Scenario>,
  { mostSeeds, mostTune }: Bounds
): Cell[] {
  return scenarios.flatMap((scenario) => {
    const found = known.get(scenario)
    if (found === undefined) throw new Error(`questions/${name}.ts: there is no scenario ${scenario}`)
    const { title, trace, flags } = found
    return Object.entries(variants).map(([variant, more]) => ({
      question: name,
      scenario,
      variant,
      title,
      ...(trace !== undefined && { trace }),
      flags: [...flags, ...COMMON, ...more],
      contestants,
      seeds: Math.min(seeds, mostSeeds),
      tune: Math.min(tune, mostTune)
    }))
  })
}
