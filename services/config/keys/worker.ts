import { Type } from '@sinclair/typebox'
import { milliseconds } from '../key-types.ts'

/** Keys of workers: batches, attempts and their time. */
export const workerKeys = {
  DRAIN_TARGET_MS: milliseconds(
    150_000,
    1_000,
    86_400_000,
    'Time in which a backlog should be processed; the number of workers needed follows from it'
  ),
  SCALE_IN_AFTER_MS: milliseconds(
    120_000,
    5_000,
    86_400_000,
    'Time that has to show that fewer workers are enough before their needed number falls'
  ),
  BATCH_MAX_EVENTS: Type.Integer({
    default: 128,
    minimum: 1,
    maximum: 10_000,
    description: 'Most events in one BullMQ job'
  }),
  BATCH_MAX_BYTES: Type.Integer({
    default: 1_048_576,
    minimum: 1_024,
    maximum: 104_857_600,
    description: 'Size above which a BullMQ job accepts no further event'
  }),
  RULE_ENGINE_WORKER_CONCURRENCY: Type.Integer({
    default: 20,
    minimum: 1,
    maximum: 10_000,
    description: 'Batches that a process works on at once'
  }),
  HANDLER_CONCURRENCY: Type.Integer({
    default: 16,
    minimum: 1,
    maximum: 10_000,
    description: 'Events of one batch that a handler for single events works on at once'
  }),
  HANDLER_TIMEOUT_MS: milliseconds(
    30_000,
    1,
    3_600_000,
    'How long a handler may take for one event, and one that takes batches for each HANDLER_CONCURRENCY events of a ' +
    'batch'
  ),
  EVENT_ATTEMPTS: Type.Integer({
    default: 3,
    minimum: 1,
    maximum: 1_000,
    description: 'Runs of a failing event before it becomes a dead letter'
  }),
  RETRY_BACKOFF_MS: milliseconds(1_000, 1, 3_600_000, 'First delay of the exponential backoff between attempts')
}
