/**
 * Environment keys of every app under test. On a busy machine the event loop is later than the default limit, above all
 * while an app starts, and Redis needs more than the three default intervals for an answer. The app would take that for
 * overload, or for a lost Redis, and refuse events that a test expects. These keys give Redis about a second for a
 * reading, and several for a command: scripts over thousands of events have taken more than the default second.
 */
export const BUSY_MACHINE = {
  MAX_EVENT_LOOP_DELAY_MS: '0',
  QUEUE_SAMPLE_INTERVAL_MS: '300',
  REDIS_COMMAND_TIMEOUT_MS: '5000'
}
