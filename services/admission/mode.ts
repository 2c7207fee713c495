import type { RefusalKind } from './refusal.ts'

export const ADMISSION_MODES = ['true', 'observe', 'false'] as const

/** Refuse; decide, count and log but admit all; or admit all. */
export type AdmissionMode = (typeof ADMISSION_MODES)[number]

/** The mode of each kind of refusal, so that quotas can be observed while load is shed. */
export type Modes = Readonly<Record<RefusalKind, AdmissionMode>>

/** Operators set the mode of load, queue and deadlines. Quotas and permissions are enforced. */
export function modesOf (mode: AdmissionMode): Modes {
  return { load: mode, queue: mode, deadline: mode, quota: 'true', forbidden: 'true' }
}
