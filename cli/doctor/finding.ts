import type { Facts } from './facts.ts'

export const SEVERITIES = ['error', 'warning', 'ok'] as const

export type Severity = (typeof SEVERITIES)[number]

export interface Finding {
  readonly severity: Severity
  /** The finding itself, with the numbers. */
  readonly what: string
  /** Why it matters; absent if all is well. */
  readonly why?: string
  /** The exact command or setting that fixes it. */
  readonly remedy?: string
}

/**
 * The export of a file of cli/doctor/checks/: a pure function from facts to findings. The file name names the check.
 */
export type Check = (facts: Facts) => readonly Finding[]

export const CHECK_SHAPE = 'a Check: (facts) => findings'

/** Whether a file of checks/ exports a check. */
export function isCheck (candidate: unknown): candidate is Check {
  return typeof candidate === 'function'
}

/** Makes a finding that all is well. */
export function ok (what: string): Finding {
  return { severity: 'ok', what }
}

/** Makes a finding that something may do harm. */
export function warning (what: string, why: string, remedy: string): Finding {
  return { severity: 'warning', what, why, remedy }
}

/** Makes a finding that something does harm or keeps the service from working. */
export function error (what: string, why: string, remedy: string): Finding {
  return { severity: 'error', what, why, remedy }
}
