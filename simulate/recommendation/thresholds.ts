import type { Thresholds } from '../../services/admission/thresholds.ts'
import { scaledBy } from '../scaled-thresholds.ts'
import { fine, percent, whole, type Advice } from './advice.ts'
import { LEAST_GAIN, type Search } from './search.ts'

/** @param budgetDepth the depth at which a normal event waits for its budget in the peak minute */
export function thresholdAdvice (
  present: Thresholds, { present: { figures }, better, tries }: Search, budgetDepth: number, budgetMs: number
): Advice {
  if (better === undefined) {
    return { reasons: [`thresholds: none of ${tries} tries gains ${percent(LEAST_GAIN)} of worth over the present ones`] }
  }
  const proposed = scaledBy(better.scale, present)
  const changed = Object.entries(proposed).filter(([name, value]) => present[name as keyof Thresholds] !== value)
  const gain = better.figures.worth - figures.worth
  return {
    reasons: [
      `thresholds: critical ${whole(proposed.critical)} is the best of ${tries} tries and gains ${percent(gain)} of worth; ` +
      `a normal event waits for its budget of ${fine(budgetMs / 1_000)} s at a depth of ${whole(budgetDepth)} in the peak ` +
      'minute'
    ],
    patch: { backpressure: { thresholds: Object.fromEntries(changed) } }
  }
}
