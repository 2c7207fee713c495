/**
 * Environment keys of every app under test. The tests are not about other work of the machine, and an app that
 * takes it for an overload of its own, or for a Redis that is lost, refuses the events that a test counts on. On a busy machine
 * the event loop is late by more than the default limit, while an app starts above all, and Redis needs more than the three
 * default intervals for an answer: here it has about the second that any command has.
 */
export const BUSY_MACHINE = { MAX_EVENT_LOOP_DELAY_MS: '0', QUEUE_SAMPLE_INTERVAL_MS: '300' }
