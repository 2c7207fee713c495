export const ADMISSION_MODES = ['true', 'observe', 'false'] as const

/** Refuse; decide, count and log but admit all; or admit all. */
export type AdmissionMode = (typeof ADMISSION_MODES)[number]
