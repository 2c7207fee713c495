import type { Moment, WireAnswer } from '../admission/refusal-answers.ts'
import { rounded } from '../admission/rate.ts'
import { refusalSentence } from '../admission/refusal-sentence.ts'
import { CONSEQUENCES, type Refusal } from '../admission/refusal.ts'
import { PROBLEM_CONTENT_TYPE, problemJson, type Problem } from './problem.ts'

/**
 * Returns the problem that answers a refused request.
 *
 * @param moment the state of admission at the refusal
 * @param members further members of the answer, such as the results for the events of a batch
 */
export function refusalProblem (
  refusal: Refusal, priority: number, moment: Moment, members: Readonly<Record<string, unknown>> = {}
): Problem {
  const { kind, reason, retryAfterSeconds, bestPriority, fairShare } = refusal
  const { status, problemType } = CONSEQUENCES[kind]
  const { signals: { circuitState, isDepthKnown }, depth, refusesWrites } = moment
  return {
    status,
    type: problemType,
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
    ...(fairShare && { share: rounded(fairShare.perSecond), weight: fairShare.weight }),
    retryAfterSeconds,
    ...(refusal.mayBeStored === true && { mayBeStored: true }),
    ...members
  }
}

/** Returns the answer of a refusal as it is sent. */
export function refusalOnWire ({ retryAfterSeconds }: Refusal, problem: Problem): WireAnswer {
  const body = problemJson(problem)
  const retry = retryAfterSeconds === undefined ? [] : ['retry-after', String(retryAfterSeconds)]
  const length = String(Buffer.byteLength(body))
  return { body, headers: [...retry, 'content-type', PROBLEM_CONTENT_TYPE, 'content-length', length] }
}
