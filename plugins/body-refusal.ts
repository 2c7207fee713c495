import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { BodyRefusalCause } from '../services/admission/bodies-in-flight.ts'
import { headOffer } from '../services/admission/offer.ts'
import type { Refusal } from '../services/admission/refusal.ts'
import { MIN_RETRY_AFTER_SECONDS } from '../services/admission/retry-after.ts'
import { headerTrace } from '../services/event/trace-context.ts'

/** The name of the policy that refuses a body at the head. A later refusal of a body gives the same reason. */
const NO_ROOM = 'bodies-in-flight'

/** Refuses a body in flight because of load. Its answer is that of every other refusal. */
export class BodyRefusedError extends Error {
  readonly refusal: Refusal
  readonly priority: number

  constructor (refusal: Refusal, priority: number) {
    super(`refused while its body was received: ${refusal.reason}`)
    this.refusal = refusal
    this.priority = priority
  }
}

/** Makes the errors that refuse bodies in flight, and counts the refusals of events. */
export function bodyRefusal ({ backpressure, sampledEvents, config }: FastifyInstance) {
  return (because: BodyRefusalCause, request: FastifyRequest, priority: number): Error => {
    if (because === 'too-long') {
      const detail = `The body did not arrive within ${config.BODY_TIMEOUT_MS} ms; send it faster, or in smaller parts`
      return Object.assign(new Error(detail), { statusCode: 408 })
    }
    // A request of an operator carries no event, so it is not counted.
    if (request.routeOptions.config.intake === undefined) {
      return new BodyRefusedError(
        { kind: 'load', reason: NO_ROOM, retryAfterSeconds: MIN_RETRY_AFTER_SECONDS },
        priority
      )
    }
    const refusal = backpressure.refuse(headOffer(priority), NO_ROOM)
    sampledEvents.refusedUnread(request.spanTrace ?? headerTrace(request.headers), priority, refusal)
    return new BodyRefusedError(refusal, priority)
  }
}
