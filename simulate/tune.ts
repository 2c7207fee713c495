import { draw, seedOf } from './draw.ts'
import type { Job } from './job.ts'
import type { Figures } from './measure/figures.ts'
import { initialValues, type SubjectModule } from './subject.ts'

/** A part of the arrivals, between two shares of their duration. */
export interface Part {
  readonly from: number
  readonly to: number
}

export const WHOLE: Part = { from: 0, to: 1 }
/** The part that parameters are tuned on, and the part that subjects are judged on then. */
export const TUNED_PART: Part = { from: 0, to: 1 / 3 }
export const JUDGED_PART: Part = { from: 2 / 3, to: 1 }

const TUNING_SEED = 1_000_003

/** The configurations that are tried, the initial one first: as many for each subject that has parameters. */
export function configurations (subject: string, module: SubjectModule, budget: number): Record<string, number>[] {
  const { parameters } = module
  const initial = initialValues(module)
  if (parameters === undefined) return [initial]
  const drawn = Array.from({ length: Math.max(0, budget - 1) }, (_, index) => Object.fromEntries(
    Object.entries(parameters).map(([name, { low, high }]) => {
      const at = draw(seedOf(TUNING_SEED, `${subject} ${name}`), index)
      return [name, low * (high / low) ** at]
    })
  ))
  return [initial, ...drawn]
}

/** The runs that try them. */
export function tuningJobs (subject: string, module: SubjectModule, budget: number, part: Part): Job[] {
  return configurations(subject, module, budget)
    .map((parameters) => ({ subject, seed: TUNING_SEED, parameters, isTuning: true, ...part }))
}

/** The values with the most worth; the first of several. */
export function bestOf (jobs: readonly Job[], figures: readonly Figures[]): Job['parameters'] {
  let best = 0
  for (const [index, { worth }] of figures.entries()) if (worth > figures[best]!.worth) best = index
  return jobs[best]!.parameters
}
