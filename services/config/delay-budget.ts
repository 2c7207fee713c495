import type { ConfigProblem } from './config-error.ts'
import type { Environment } from './schema.ts'

/**
 * Adaptive thresholds let in at most 0.4 of the events that workers process within the budget, until the next reading
 * tells what they have finished. With fewer readings than this, they refuse events that workers could process.
 */
const LEAST_READINGS = 10

/** Returns the least delay budget of normal events, in milliseconds, that adaptive thresholds can follow. */
export function leastDelayBudgetMs ({ QUEUE_SAMPLE_INTERVAL_MS }: Pick<Environment, 'QUEUE_SAMPLE_INTERVAL_MS'>): number {
  return LEAST_READINGS * QUEUE_SAMPLE_INTERVAL_MS
}

/** Checks the budget of normal events if thresholds are adaptive and the keys involved are valid. */
export function delayBudgetProblems (
  values: Pick<Environment, 'BACKPRESSURE_THRESHOLDS' | 'DELAY_BUDGET_NORMAL_MS' | 'QUEUE_SAMPLE_INTERVAL_MS'>,
  isReliable: (key: string) => boolean
): ConfigProblem[] {
  const { BACKPRESSURE_THRESHOLDS, DELAY_BUDGET_NORMAL_MS: budgetMs, QUEUE_SAMPLE_INTERVAL_MS: intervalMs } = values
  if (!['BACKPRESSURE_THRESHOLDS', 'DELAY_BUDGET_NORMAL_MS', 'QUEUE_SAMPLE_INTERVAL_MS'].every(isReliable)) return []
  const leastMs = leastDelayBudgetMs(values)
  if (BACKPRESSURE_THRESHOLDS !== 'adaptive' || budgetMs >= leastMs) return []
  const allowed = `at least ${leastMs} with BACKPRESSURE_THRESHOLDS=adaptive: ten times QUEUE_SAMPLE_INTERVAL_MS (${intervalMs})`
  return [{ key: 'DELAY_BUDGET_NORMAL_MS', given: JSON.stringify(String(budgetMs)), allowed }]
}
