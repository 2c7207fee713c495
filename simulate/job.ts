import type { Figures } from './measure/figures.ts'
import type { Registries } from './registries.ts'
import { runSubject } from './run-subject.ts'
import { initialValues } from './subject.ts'
import { partOfWorld, type World } from './world/world.ts'

/** One run, as plain data. */
export interface Job {
  readonly subject: string
  readonly seed: number
  readonly parameters: Readonly<Record<string, number>>
  /** The values of the reference, for a subject that needs it; the initial ones if there are none. */
  readonly reference?: Readonly<Record<string, number>> | undefined
  /** The part of the world that it runs in, as shares of the duration. */
  readonly from: number
  readonly to: number
  /** Whether the worth is all that is asked for: work that begins too late for any budget is left out. */
  readonly isTuning?: boolean
}

/**
 * Runs jobs in one world and returns their figures in the same order.
 *
 * @param doing a verb for the line of progress
 */
export type RunJobs = (jobs: readonly Job[], doing: string) => Promise<readonly Figures[]>

/** Work that began in time ends within this. */
const LONGEST_SERVICE_MS = 60_000

/** The subject whose rate of refusals the random control copies. */
export const REFERENCE = 'static'

export function runJob (
  job: Job, world: World, { subjects }: Registries, onProgress?: (share: number) => void
): Figures {
  const { subject, seed, parameters, from, to, isTuning = false } = job
  const asked = from === 0 && to === 1 ? world : partOfWorld(world, from, to)
  const part = isTuning ? { ...asked, mostDrainMs: Math.max(...world.budgetsMs) + LONGEST_SERVICE_MS } : asked
  const module = subjects.get(subject)!
  const progress = onProgress && { onProgress }
  const reference = subjects.get(REFERENCE)!
  const measures = module.needsReference === true
    ? runSubject({
      world: part, module: reference, parameters: job.reference ?? initialValues(reference), seed, ...progress
    }).measures
    : undefined
  return runSubject({ world: part, module, parameters, seed, reference: measures, ...progress }).figures
}
