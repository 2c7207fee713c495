/**
 * Environment keys of every app under test. What the machine does beside the tests is not what they are about: on a busy one
 * the event loop of an app is late by more than the default limit, while it starts above all, and an app that takes that for
 * load of its own refuses the events that a test counts on.
 */
export const BUSY_MACHINE = { MAX_EVENT_LOOP_DELAY_MS: '0' }
