import type { Rewriting } from '../rig/rewriting.ts'
import { CHECKS, type Check } from './findings.ts'

/** The export of a file of attack/sabotage/: a way to break the product that an attack has to find. */
export interface Sabotage extends Rewriting {
  readonly description: string
  /** The name of the attack. */
  readonly attack: string
  /** The check that has to catch it. */
  readonly expects: Check
}

export const SABOTAGE_SHAPE = 'a Sabotage: { description, module, replace: [from, to], attack, expects }'

export function isSabotage (candidate: unknown): candidate is Sabotage {
  const { description, module, replace, attack, expects } = (candidate ?? {}) as Partial<Sabotage>
  return typeof description === 'string' && typeof module === 'string' && Array.isArray(replace) &&
    replace.length === 2 && replace.every((text) => typeof text === 'string') && typeof attack === 'string' &&
    CHECKS.includes(expects as Check)
}
