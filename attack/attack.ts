import type { CostBounds, Measured } from '../rig/metered-service.ts'
import type { Owner } from '../rig/owner.ts'
import type { Check } from './findings.ts'
import type { Target, TargetNeeds } from './target.ts'

/** SECURITY.md states these for a request below 1 MiB. */
export const SMALL_REQUEST: CostBounds = { mostCpuMs: 100, mostTurnMs: 50 }

/** The stage of one attack. */
export interface Scene {
  readonly target: Target
  /** Its teardowns run at the end of the attack. */
  readonly owner: Owner
  readonly seed: number
  /** Returns the first number in a quick run and the second in a long one. */
  readonly amount: (quick: number, long: number) => number
  /** Sends one request again and again until its cost is within the bounds, and records a violation if it never is. */
  readonly costs: <T>(name: string, act: () => Promise<T>, bounds: CostBounds) => Promise<T>
  /** Measures the cheapest of several rounds, for a comparison. */
  readonly measure: <T>(act: () => Promise<T>) => Promise<Measured<T>>
  /** Records a violated check. */
  readonly report: (check: Check, what: string) => void
  /** Records a line for the report that is no violation. */
  readonly note: (what: string) => void
}

/** The export of a file of attack/attacks/. An attack with needs gets a service of its own; the others share one. */
export interface Attack extends TargetNeeds {
  /** The row of the table. */
  readonly description: string
  /** True if a quick run leaves it out, because its least form takes too long. */
  readonly isLong?: boolean
  /** The longest CPU time of one turn of the event loop under this attack, milliseconds; 100 by default. */
  readonly mostTurnMs?: number
  /** The share of critical events that the service has to accept; 0.999 by default. */
  readonly leastAccepted?: number
  /** Runs it and returns the number of hostile requests. */
  readonly run: (scene: Scene) => Promise<number>
}

export const ATTACK_SHAPE =
  'an Attack: { description, run, isLong?, env?, hasKeys?, hasIssuer?, hasNameServer?, mostTurnMs?, leastAccepted? }'

export function isAttack (candidate: unknown): candidate is Attack {
  const { description, run, isLong, env, hasKeys, hasIssuer, hasNameServer, mostTurnMs, leastAccepted } =
    (candidate ?? {}) as Partial<Attack>
  return typeof description === 'string' && typeof run === 'function' &&
    (env === undefined || typeof env === 'object') &&
    [isLong, hasKeys, hasIssuer, hasNameServer].every((flag) => flag === undefined || typeof flag === 'boolean') &&
    [mostTurnMs, leastAccepted].every((bound) => bound === undefined || typeof bound === 'number')
}
