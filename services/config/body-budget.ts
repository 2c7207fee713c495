import type { ConfigProblem } from './config-error.ts'
import type { Environment } from './schema.ts'

type BodyLimits = Pick<Environment, 'BODY_LIMIT_BYTES' | 'BATCH_BODY_LIMIT_BYTES'>

/** The largest body that operators send, a list of dead letters to replay. */
const OPERATOR_BODY_BYTES = 1_048_576

/** Returns the least budget: low priority may fill half of it, and the largest body has to fit into that half. */
export function leastBodyBudget ({ BODY_LIMIT_BYTES, BATCH_BODY_LIMIT_BYTES }: BodyLimits): number {
  return 2 * Math.max(BODY_LIMIT_BYTES, BATCH_BODY_LIMIT_BYTES, OPERATOR_BODY_BYTES)
}

/** A body takes several times its size once it is parsed. */
const SHARE_OF_HEAP = 1 / 8

/** Returns the budget for bodies in flight of a process with this heap limit. */
export function bodyBudget (
  values: BodyLimits & Pick<Environment, 'BODIES_IN_FLIGHT_BYTES'>,
  heapBytes: number
): number {
  return values.BODIES_IN_FLIGHT_BYTES || Math.max(Math.floor(heapBytes * SHARE_OF_HEAP), leastBodyBudget(values))
}

/** Checks that a configured budget has room for the largest body, if the keys involved are valid. */
export function bodyBudgetProblems (
  values: BodyLimits & Pick<Environment, 'BODIES_IN_FLIGHT_BYTES'>, isReliable: (key: string) => boolean
): ConfigProblem[] {
  const { BODIES_IN_FLIGHT_BYTES: budget, BODY_LIMIT_BYTES, BATCH_BODY_LIMIT_BYTES } = values
  if (!['BODIES_IN_FLIGHT_BYTES', 'BODY_LIMIT_BYTES', 'BATCH_BODY_LIMIT_BYTES'].every(isReliable)) return []
  const least = leastBodyBudget(values)
  if (budget === 0 || budget >= least) return []
  const allowed = `0, or at least ${least}: twice the largest body (BODY_LIMIT_BYTES ${BODY_LIMIT_BYTES}, ` +
    `BATCH_BODY_LIMIT_BYTES ${BATCH_BODY_LIMIT_BYTES})`
  return [{ key: 'BODIES_IN_FLIGHT_BYTES', given: JSON.stringify(String(budget)), allowed }]
}
