import type { Config } from '../config/schema.ts'

/** The keys that decide who is shed and how fast work is done. None of them is a secret. */
const RECORDED_KEYS = [
  'ENABLE_BACKPRESSURE',
  'QUEUE_WARNING_THRESHOLD',
  'QUEUE_CRITICAL_THRESHOLD',
  'QUEUE_RECOVERY_THRESHOLD',
  'QUEUE_HARD_LIMIT',
  'QUEUE_SAMPLE_INTERVAL_MS',
  'BACKPRESSURE_THRESHOLDS',
  'SHEDDING',
  'SAMPLING',
  'FAIRNESS',
  'FAIR_ORDER',
  'FORECAST',
  'DELAY_BUDGET_CRITICAL_MS',
  'DELAY_BUDGET_NORMAL_MS',
  'DELAY_BUDGET_LOW_MS',
  'DRAIN_TARGET_MS',
  'SCALE_IN_AFTER_MS',
  'RULE_ENGINE_WORKER_CONCURRENCY',
  'EVENT_ATTEMPTS'
] as const satisfies readonly (keyof Config)[]

/** The part of a configuration that a recording holds, as an environment has it. */
export function recordedConfiguration (config: Config): Record<string, string> {
  return Object.fromEntries(RECORDED_KEYS.map((key) => [key, String(config[key])]))
}
