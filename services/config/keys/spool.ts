import { Type } from '@sinclair/typebox'

/** Keys of the spool. */
export const spoolKeys = {
  SPOOL_CLASSES: Type.String({
    default: 'critical',
    minLength: 1,
    description:
      'Classes that are spooled while the queue cannot accept them: critical, normal, low, separated by commas; ' +
      'none disables it'
  }),
  SPOOL_MAX_BYTES: Type.Integer({
    default: 268_435_456,
    minimum: 4_096,
    description: 'Most disk space of the spool, in blocks of 4,096 bytes and at least one per batch'
  }),
  SPOOL_DRAIN_RATE: Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 10_000_000,
    description: 'Most events per second that go from the spool into the queue'
  })
}
