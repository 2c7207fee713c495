/** Thresholds that a test reaches with a few events. */
export const THRESHOLDS = {
  QUEUE_RECOVERY_THRESHOLD: '10',
  QUEUE_WARNING_THRESHOLD: '20',
  QUEUE_CRITICAL_THRESHOLD: '40',
  QUEUE_HARD_LIMIT: '1000'
}

/** Returns events of one priority and three types. */
export function events (count: number, priority: number) {
  return Array.from({ length: count }, (_, index) => ({ type: `type-${index % 3}`, payload: { index }, priority }))
}
