import { PRIORITY_SLOTS } from './priority-class.ts'
import type { AllowedTypes, Refusal } from './refusal.ts'
import type { Signals } from './signals.ts'

/** An answer as it goes onto the wire: names and values of headers in turn, and the body. */
export interface WireAnswer {
  readonly headers: string[]
  readonly body: string
}

/** The part of an answer that changes with every reading and with every admitted event. */
export interface Moment {
  readonly signals: Signals
  readonly depth: number
  readonly refusesWrites: boolean
}

/**
 * Caches answers to requests that are refused unread. In a flood, thousands of refusals share depth and reason and
 * differ at most in Retry-After: each answer is rendered once per moment.
 */
export class RefusalAnswers {
  readonly #render: (refusal: Refusal, priority: number) => WireAnswer
  readonly #moment: () => Moment
  /** By reason and what it depends on, or by the types of a key. */
  readonly #answers = new Map<string | AllowedTypes, Map<number, WireAnswer>>()
  #since: Moment | undefined

  /** @param render renders an answer for the present moment */
  constructor (render: (refusal: Refusal, priority: number) => WireAnswer, moment: () => Moment) {
    this.#render = render
    this.#moment = moment
  }

  of (refusal: Refusal, priority: number): WireAnswer {
    const { signals, depth, refusesWrites } = this.#moment()
    if (
      this.#since?.signals !== signals || this.#since.depth !== depth || this.#since.refusesWrites !== refusesWrites
    ) {
      this.#answers.clear()
      this.#since = { signals, depth, refusesWrites }
    }
    const { reason, rateLimitPolicy = '', fairShare, types } = refusal
    // The share in a moment follows from the weight.
    const name = types ?? (fairShare === undefined ? reason + rateLimitPolicy : `${reason} ${fairShare.weight}`)
    let answers = this.#answers.get(name)
    if (answers === undefined) this.#answers.set(name, answers = new Map<number, WireAnswer>())
    const { retryAfterSeconds = 0, bestPriority = 0 } = refusal
    const place = (retryAfterSeconds * PRIORITY_SLOTS + bestPriority) * PRIORITY_SLOTS + priority
    let answer = answers.get(place)
    if (answer === undefined) answers.set(place, answer = this.#render(refusal, priority))
    return answer
  }
}
