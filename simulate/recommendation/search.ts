import type { RunJobs } from '../job.ts'
import type { Figures } from '../measure/figures.ts'
import { meanOf } from '../measure/mean.ts'
import type { Options } from '../options.ts'
import type { Registries } from '../registries.ts'
import { configurations, WHOLE } from '../tune.ts'

/** Configurations that are tried unless --tune says otherwise. */
const USUAL_TRIES = 20
/** A proposal that gains less worth than this is none. */
export const LEAST_GAIN = 0.001
/** The subject with the thresholds of the settings. */
const SUBJECT = 'static'

/** The present thresholds multiplied by a number. */
export interface Tried {
  readonly scale: number
  /** Means over the runs. */
  readonly figures: Figures
  /** One for each seed. */
  readonly runs: readonly Figures[]
}

/** The outcome of a search; `better` is absent if nothing is clearly better than the present thresholds. */
export interface Search {
  readonly present: Tried
  readonly better: Tried | undefined
  readonly tries: number
}

/**
 * Tries the present thresholds, others as tuning draws them, and one more scale. The best has the most worth and loses
 * no more critical events than the present ones do.
 */
export async function searchScales (
  { seeds, tune }: Options, registries: Registries, runJobs: RunJobs, further: number
): Promise<Search> {
  const module = registries.subjects.get(SUBJECT)!
  const drawn = configurations(SUBJECT, module, tune || USUAL_TRIES).slice(1).map(({ scale }) => scale as number)
  const scales = [1, ...(further > 0 ? [further] : []), ...drawn]
  const figures = await runJobs(scales.flatMap((scale) => Array.from({ length: seeds }, (_, index) => ({
    subject: SUBJECT, seed: index + 1, parameters: { scale }, ...WHOLE
  }))), 'tries')
  const [present, ...others] = scales.map((scale, index): Tried => {
    const runs = figures.slice(index * seeds, (index + 1) * seeds)
    return { scale, figures: meanOf(runs), runs }
  }) as [Tried, ...Tried[]]
  const best = others.filter((tried) => tried.figures.criticalLost <= present.figures.criticalLost)
    .reduce((most, tried) => tried.figures.worth > most.figures.worth ? tried : most, present)
  const isBetter = best.figures.worth - present.figures.worth >= LEAST_GAIN
  return { present, better: isBetter ? best : undefined, tries: scales.length }
}
