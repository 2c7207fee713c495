import type { Environment } from './schema.ts'

type PresetName = NonNullable<Environment['BACKPRESSURE_PRESET']>
type PresetThresholds = Pick<Environment, 'QUEUE_WARNING_THRESHOLD' | 'QUEUE_CRITICAL_THRESHOLD' | 'QUEUE_RECOVERY_THRESHOLD'>

/** Thresholds that go together, in events. The hard limit is a matter of Redis memory and stays out of them. */
export const PRESETS: Readonly<Record<PresetName, PresetThresholds>> = {
  development: { QUEUE_WARNING_THRESHOLD: 1_000, QUEUE_CRITICAL_THRESHOLD: 5_000, QUEUE_RECOVERY_THRESHOLD: 500 },
  staging: { QUEUE_WARNING_THRESHOLD: 5_000, QUEUE_CRITICAL_THRESHOLD: 25_000, QUEUE_RECOVERY_THRESHOLD: 2_500 },
  'production-10k': { QUEUE_WARNING_THRESHOLD: 10_000, QUEUE_CRITICAL_THRESHOLD: 50_000, QUEUE_RECOVERY_THRESHOLD: 5_000 },
  'production-100k': { QUEUE_WARNING_THRESHOLD: 50_000, QUEUE_CRITICAL_THRESHOLD: 200_000, QUEUE_RECOVERY_THRESHOLD: 25_000 }
}

/** Tells whether there is a preset of this name. */
export function isPresetName (name: unknown): name is PresetName {
  return typeof name === 'string' && Object.hasOwn(PRESETS, name)
}
