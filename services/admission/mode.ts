export const ADMISSION_MODES = ['true', 'observe', 'false'] as const

/** Refuse; decide, count and log but admit all; or admit all. */
export type AdmissionMode = (typeof ADMISSION_MODES)[number]

/** Tells whether a value, from outside, is a mode. */
export function isAdmissionMode (value: unknown): value is AdmissionMode {
  return (ADMISSION_MODES as readonly unknown[]).includes(value)
}
