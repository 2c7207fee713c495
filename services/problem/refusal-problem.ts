import type { Moment, WireAnswer } from '../admission/refusal-answers.ts'
import { rounded } from '../admission/rate.ts'
import { refusalSentence } from '../admission/refusal-sentence.ts'
import { CONSEQUENCES, type AllowedTypes, type Refusal, type RefusalStatuses } from '../admission/refusal.ts'
import { PROBLEM_CONTENT_TYPE, problemJson, type Problem } from './problem.ts'

/**
 * Returns the problem that answers a refused request.
 *
 * @param statuses of the service, by kind
 * @param moment the state of admission at the refusal
 * @param members further members of the answer, such as the results for the events of a batch
 */
export function refusalProblem (
  refusal: Refusal, priority: number, statuses: RefusalStatuses, moment: Moment,
  members: Readonly<Record<string, unknown>> = {}
): Problem {
  const { kind, reason, retryAfterSeconds, bestPriority, types, fairShare } = refusal
  const { signals: { circuitState, isDepthKnown }, depth, refusesWrites } = moment
  return {
    status: statuses[kind],
    type: CONSEQUENCES[kind].problemType,
    detail: refusalSentence(refusal, {
      isMany: 'results' in members, refusesWrites, isCircuitClosed: circuitState === 'CLOSED'
    }),
    reason,
    circuitState,
    queueDepth: isDepthKnown ? depth : null,
    // The state of the circuit is then from the last reading.
    ...(!isDepthKnown && { isKnown: false }),
    priority,
    ...(bestPriority !== undefined && { bestPriority }),
    ...(types !== undefined && typeMembers(types)),
    ...(fairShare && { share: rounded(fairShare.perSecond), weight: fairShare.weight }),
    retryAfterSeconds,
    ...(refusal.mayBeStored === true && { mayBeStored: true }),
    ...members
  }
}

/** Returns the members of an answer that name the types of a key. */
export function typeMembers ({ named, more }: AllowedTypes): { types: string[], moreTypes?: number } {
  return { types: [...named], ...(more > 0 && { moreTypes: more }) }
}

/** The item of RateLimit that a policy is about. */
const ITEM = /^"[^"]*"/

/**
 * Returns the names and values of the headers that say when to come back. A quota that is used up has nothing left until
 * then, so RateLimit and Retry-After name the same time.
 */
export function retryHeaders ({ retryAfterSeconds, rateLimitPolicy }: Refusal): string[] {
  if (retryAfterSeconds === undefined) return []
  const retry = ['retry-after', String(retryAfterSeconds)]
  return rateLimitPolicy === undefined
    ? retry
    : [...retry, ...Object.entries(usedUpHeaders(rateLimitPolicy, retryAfterSeconds)).flat()]
}

/** Returns the headers about a quota of which nothing is left for some seconds. */
export function usedUpHeaders (policy: string, seconds: number): Record<string, string> {
  const [item = ''] = ITEM.exec(policy) ?? []
  return { 'ratelimit-policy': policy, 'ratelimit': `${item};r=0;t=${seconds}` }
}

/** Returns the answer of a refusal as it is sent. */
export function refusalOnWire (refusal: Refusal, problem: Problem): WireAnswer {
  const body = problemJson(problem)
  const retry = retryHeaders(refusal)
  const length = String(Buffer.byteLength(body))
  return { body, headers: [...retry, 'content-type', PROBLEM_CONTENT_TYPE, 'content-length', length] }
}
