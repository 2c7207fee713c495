import type { Owner } from '../rig/owner.ts'
import type { Check } from './findings.ts'
import type { Target } from './target.ts'

/** Bounds on the cost of a single request, which a flood would hide. */
export interface CostBounds {
  readonly mostCpuMs: number
  readonly mostTurnMs: number
}

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
  /** Records a violated check. */
  readonly report: (check: Check, what: string) => void
  /** Records a line for the report that is no violation. */
  readonly note: (what: string) => void
}

/** The export of a file of attack/attacks/. */
export interface Attack {
  /** The row of the table. */
  readonly description: string
  /** True if a quick run leaves it out, because its least form takes too long. */
  readonly isLong?: boolean
  /** Environment of a service of its own; attacks without share one. */
  readonly env?: Readonly<Record<string, string>>
  /** The longest CPU time of one turn of the event loop under this attack, milliseconds; 100 by default. */
  readonly mostTurnMs?: number
  /** Runs it and returns the number of hostile requests. */
  readonly run: (scene: Scene) => Promise<number>
}

export const ATTACK_SHAPE = 'an Attack: { description, run, isLong?, env?, mostTurnMs? }'

export function isAttack (candidate: unknown): candidate is Attack {
  const { description, run, isLong, env, mostTurnMs } = (candidate ?? {}) as Partial<Attack>
  return typeof description === 'string' && typeof run === 'function' &&
    (isLong === undefined || typeof isLong === 'boolean') && (env === undefined || typeof env === 'object') &&
    (mostTurnMs === undefined || typeof mostTurnMs === 'number')
}
