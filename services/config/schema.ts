import { Type, type Static } from '@sinclair/typebox'
import type { PriorityClass } from '../admission/priority-class.ts'
import { accessKeys } from './keys/access.ts'
import { arrivalsKeys } from './keys/arrivals.ts'
import { backpressureKeys } from './keys/backpressure.ts'
import { deadLetterKeys } from './keys/dead-letters.ts'
import { deliveryKeys } from './keys/delivery.ts'
import { intakeKeys } from './keys/intake.ts'
import { jwtKeys } from './keys/jwt.ts'
import { processKeys } from './keys/process.ts'
import { receiptKeys } from './keys/receipt.ts'
import { redisKeys } from './keys/redis.ts'
import { shutdownKeys } from './keys/shutdown.ts'
import { spoolKeys } from './keys/spool.ts'
import { tracingKeys } from './keys/tracing.ts'
import { workerKeys } from './keys/worker.ts'

/**
 * Every environment key, its default and bounds, once: types, messages, `.env.example` and docs derive from it, in this
 * order.
 */
export const ConfigSchema = Type.Object({
  ...processKeys,
  ...accessKeys,
  ...jwtKeys,
  ...redisKeys,
  ...backpressureKeys,
  ...intakeKeys,
  ...receiptKeys,
  ...spoolKeys,
  ...arrivalsKeys,
  ...workerKeys,
  ...deadLetterKeys,
  ...deliveryKeys,
  ...tracingKeys,
  ...shutdownKeys
}, { additionalProperties: true })

export type Environment = Static<typeof ConfigSchema>

/** The parsed configuration: the environment keys with EVENT_PRIORITIES and SPOOL_CLASSES decoded. */
export type Config = Omit<Environment, 'EVENT_PRIORITIES' | 'SPOOL_CLASSES'> & {
  EVENT_PRIORITIES: Readonly<Record<string, number>>
  SPOOL_CLASSES: ReadonlySet<PriorityClass>
}
