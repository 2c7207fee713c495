import type { Options } from './options.ts'
import { CHECKS, type Check } from './violations.ts'
import type { Rewriting } from '../rig/rewriting.ts'

/** The export of a file of prove/sabotage/: a way to break the product that the proof has to catch. */
export interface Sabotage extends Rewriting {
  readonly description: string
  /** The check that has to catch it. */
  readonly expects: Check
  /** Faults that make it show; without any it shows under load alone. */
  readonly faults?: readonly string[]
  /** The kind of Redis that it needs; that of the options by default. */
  readonly redis?: Options['redis']
  /** The longest load; it ends when the check has caught the sabotage. */
  readonly seconds: number
}

export const SABOTAGE_SHAPE = 'a Sabotage: { description, module, replace: [from, to], expects, seconds }'

export function isSabotage (candidate: unknown): candidate is Sabotage {
  const { description, module, replace, expects, seconds, faults } = (candidate ?? {}) as Partial<Sabotage>
  return typeof description === 'string' && typeof module === 'string' && Array.isArray(replace) &&
    replace.length === 2 && replace.every((text) => typeof text === 'string') &&
    CHECKS.includes(expects as Check) && typeof seconds === 'number' && (faults === undefined || Array.isArray(faults))
}
