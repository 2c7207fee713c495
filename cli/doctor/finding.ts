import type { Facts } from './facts.ts'

export const SEVERITIES = ['error', 'warning', 'ok'] as const

export type Severity = (typeof SEVERITIES)[number]

export interface Finding {
  readonly severity: Severity
  /** The finding itself, with the numbers. */
  readonly what: string
  /** Why it matters; of what is well, nothing needs to be said. */
  readonly why?: string
  /** The exact command or setting that puts it right. */
  readonly remedy?: string
}

/** The export of a file of cli/doctor/checks/: pure, from facts to findings. The file name is the name of the check. */
export type Check = (facts: Facts) => readonly Finding[]

export const CHECK_SHAPE = 'a Check: (facts) => findings'

/** Tells whether a file of checks/ exports one. */
export function isCheck (candidate: unknown): candidate is Check {
  return typeof candidate === 'function'
}

/** Says that something is as it should be. */
export function ok (what: string): Finding {
  return { severity: 'ok', what }
}

/** Says that something may do harm. */
export function warning (what: string, why: string, remedy: string): Finding {
  return { severity: 'warning', what, why, remedy }
}

/** Says that something does harm, or keeps the service from working. */
export function error (what: string, why: string, remedy: string): Finding {
  return { severity: 'error', what, why, remedy }
}
