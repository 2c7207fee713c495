import { outOfOrder } from '../admission/thresholds.ts'
import type { ConfigProblem } from './config-error.ts'
import type { Environment } from './schema.ts'

const ASCENDING = [
  'QUEUE_RECOVERY_THRESHOLD',
  'QUEUE_WARNING_THRESHOLD',
  'QUEUE_CRITICAL_THRESHOLD',
  'QUEUE_HARD_LIMIT'
] as const

/**
 * Checks recovery < warning < critical < hard limit on the final values, as far as they are valid (`isComparable`).
 * Reports the explicit keys (`isExplicit`) of a pair out of order, never a default.
 */
export function thresholdOrderProblems (
  values: Pick<Environment, (typeof ASCENDING)[number]>,
  isComparable: (key: string) => boolean,
  isExplicit: (key: string) => boolean
): ConfigProblem[] {
  const keys = ASCENDING.filter(isComparable)
  const allowed = `values in the order ${
    keys.map((key) => `${key} (${isExplicit(key) ? '' : 'unset, so '}${values[key]})`).join(' < ')
  }`
  return outOfOrder(keys.map((key) => values[key]))
    .map((index) => keys[index]!)
    .filter(isExplicit)
    .map((key) => ({ key, given: JSON.stringify(String(values[key])), allowed }))
}

/** Checks QUEUE_CRITICAL_BYTES < QUEUE_HARD_BYTES if both are set; a derived value follows the other one. */
export function byteOrderProblems ({
  QUEUE_CRITICAL_BYTES: critical, QUEUE_HARD_BYTES: hard
}: Pick<Environment, 'QUEUE_CRITICAL_BYTES' | 'QUEUE_HARD_BYTES'>): ConfigProblem[] {
  if (!(critical > 0 && hard > 0 && critical >= hard)) return []
  return [{
    key: 'QUEUE_CRITICAL_BYTES',
    given: JSON.stringify(String(critical)),
    allowed: `less than QUEUE_HARD_BYTES (${hard})`
  }]
}
