import { Type } from '@sinclair/typebox'
import { milliseconds } from '../key-types.ts'

/** Keys of what is remembered about an event: its id and its receipt. */
export const receiptKeys = {
  IDEMPOTENCY_TTL_MS: milliseconds(
    600_000,
    0,
    604_800_000,
    'How long the id or Idempotency-Key of an event is remembered, so that a second post is a duplicate; 0 ' +
    'switches it off'
  ),
  IDEMPOTENCY_MAX_IDS: Type.Integer({
    default: 0,
    minimum: 0,
    maximum: 1_000_000_000,
    description:
      'Most ids that are remembered at once, about 450 bytes of Redis each; from 0.8 of it they are remembered for ' +
      'less than IDEMPOTENCY_TTL_MS; 0 means 0.2 of the capacity of Redis, which applies while Redis holds more ' +
      'than 0.4 of its capacity'
  }),
  RECEIPT_TTL_MS: milliseconds(600_000, 10_000, 604_800_000, 'How long the receipt of a finished event is kept'),
  RECEIPT_MAX_BATCHES: Type.Integer({
    default: 100_000,
    minimum: 1_000,
    maximum: 100_000_000,
    description: 'Most finished batches with receipts, about 300 bytes of Redis each'
  })
}
