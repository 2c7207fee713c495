/**
 * Environment keys of every app under test. On a busy machine the event loop is later than the default limit, above all
 * while an app starts, and Redis needs more than the three default intervals for an answer. The app would take that for
 * overload, or for a lost Redis, and refuse events that a test expects. These keys give Redis about the second that
 * every command has.
 */
export const BUSY_MACHINE = { MAX_EVENT_LOOP_DELAY_MS: '0', QUEUE_SAMPLE_INTERVAL_MS: '300' }
