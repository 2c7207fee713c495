import type { Environment } from './schema.ts'

type PresetName = NonNullable<Environment['BACKPRESSURE_PRESET']>
type PresetThresholds = Pick<
  Environment,
  'QUEUE_WARNING_THRESHOLD' | 'QUEUE_CRITICAL_THRESHOLD' | 'QUEUE_RECOVERY_THRESHOLD'
>

/** Sets of thresholds, in events. The hard limit depends on the memory of Redis, so no preset sets it. */
export const PRESETS: Readonly<Record<PresetName, PresetThresholds>> = {
  development: { QUEUE_WARNING_THRESHOLD: 1_000, QUEUE_CRITICAL_THRESHOLD: 5_000, QUEUE_RECOVERY_THRESHOLD: 500 },
  staging: { QUEUE_WARNING_THRESHOLD: 5_000, QUEUE_CRITICAL_THRESHOLD: 25_000, QUEUE_RECOVERY_THRESHOLD: 2_500 },
  'production-10k': {
    QUEUE_WARNING_THRESHOLD: 10_000,
    QUEUE_CRITICAL_THRESHOLD: 50_000,
    QUEUE_RECOVERY_THRESHOLD: 5_000
  },
  'production-100k': {
    QUEUE_WARNING_THRESHOLD: 50_000,
    QUEUE_CRITICAL_THRESHOLD: 200_000,
    QUEUE_RECOVERY_THRESHOLD: 25_000
  }
}

/** Tells whether there is a preset of this name. */
export function isPresetName (name: unknown): name is PresetName {
  return typeof name === 'string' && Object.hasOwn(PRESETS, name)
}
