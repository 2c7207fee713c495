import { Agent } from 'node:http'
import { setTimeout as wait } from 'node:timers/promises'
import { repeatProblem, REPEATS, type Repeat } from '../checks/repeat.ts'
import type { EventFacts } from '../event/facts.ts'
import { BODY_LIMIT_BYTES } from '../event/facts.ts'
import type { Bias, Origin } from '../event/origin.ts'
import { integer, pick, type Random } from '../../rig/random.ts'
import { readAnswer, type EventAnswer } from './answer.ts'
import { exchange } from '../../rig/exchange.ts'
import {
  composeRequest, isRepeatable, planRequest, withOtherPayloads, type LoadRequest, type RequestPlan
} from './request.ts'

const REQUEST_TIMEOUT_MS = 5_000
const TICK_MS = 10
/**
 * Limit on unanswered requests, beyond which the load skips some, so that a hung service does not exhaust this process.
 */
const MOST_UNANSWERED = 1_000
const MOST_TRIES = 8
const SHORTEST_RETRY_MS = 100
const LONGEST_RETRY_MS = 1_000
/** Share of stored requests that are repeated. Requests without an identity are never repeated. */
const REPEAT_SHARE = 0.06
const TOO_LARGE_SHARE = 0.002
const FLOOD_EVENTS_PER_REQUEST = 250

export interface LoadOptions {
  readonly urls: readonly string[]
  /** Events per second. */
  readonly rate: number
  readonly seed: number
  readonly random: Random
  /** Called before events are sent; returns the sequence number of the first. */
  readonly onPost: (count: number, origin: Origin) => number
  /** When an event got its number, milliseconds since 1970. */
  readonly postedAt: (sequence: number) => number
  /** Called with the result of each event in an answer. */
  readonly onAnswer: (facts: EventFacts, answer: EventAnswer, url: string) => void
  /** Called with the events of a request without a complete answer. */
  readonly onUnanswered: (events: number) => void
  /** @param sequence of the event that two answers contradict each other about */
  readonly onContradiction: (what: string, sequence?: number) => void
}

/** Counts of requests by their results. */
export interface LoadCounts {
  sent: number
  /** Sent again because the first attempt failed or its result is unknown. */
  retried: number
  /** Sent again although the first was stored, or at the same time as the first. */
  repeated: number
  /** Without an answer: the connection broke, or the time ran out. */
  unanswered: number
  /** Events that the load skipped because too many requests were unanswered. */
  leftOut: number
  byStatus: Record<string, number>
}

/** Posts events at a fixed rate, independent of the answers (open loop), and records the promises in the answers. */
export class Load {
  readonly counts: LoadCounts = { sent: 0, retried: 0, repeated: 0, unanswered: 0, leftOut: 0, byStatus: {} }
  readonly #options: LoadOptions
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 })
  readonly #unanswered = new Set<Promise<void>>()
  readonly #over = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #startedAt = 0
  #due = 0
  #next: RequestPlan
  #inHand = 0

  constructor (options: LoadOptions) {
    this.#options = options
    this.#next = planRequest(options.random)
  }

  /** Events of unanswered requests. */
  get inHand (): number { return this.#inHand }

  start (): void {
    this.#startedAt = performance.now()
    this.#timer = setInterval(() => { this.#tick() }, TICK_MS)
  }

  /** Posts so many events of one kind at once, in addition to the rest. */
  flood (events: number, bias: Bias): void {
    for (let left = events; left > 0; left -= FLOOD_EVENTS_PER_REQUEST) {
      this.#begin({
        origin: { form: pick(this.#options.random, ['array', 'stream']), identity: 'none', bias },
        count: Math.min(left, FLOOD_EVENTS_PER_REQUEST)
      })
    }
  }

  /** Ends the load and its repeats, and waits for the remaining answers. */
  async stop (): Promise<void> {
    clearInterval(this.#timer)
    this.#over.abort()
    while (this.#unanswered.size > 0) await Promise.all(this.#unanswered)
    this.#agent.destroy()
  }

  #tick (): void {
    const expected = (performance.now() - this.#startedAt) / 1_000 * this.#options.rate
    while (this.#due + this.#next.count <= expected) {
      const plan = this.#next
      this.#due += plan.count
      this.#next = planRequest(this.#options.random)
      if (this.#unanswered.size >= MOST_UNANSWERED) this.counts.leftOut += plan.count
      else this.#begin(plan)
    }
  }

  #begin (plan: RequestPlan): void {
    const { seed, random, onPost, postedAt } = this.#options
    const first = onPost(plan.count, plan.origin)
    const request = composeRequest(seed, random, plan, first, postedAt(first))
    this.#await(this.#deliver(request))
    if (random() < TOO_LARGE_SHARE) this.#await(this.#overshoot())
  }

  #await (work: Promise<void>): void {
    const ended = work.finally(() => { this.#unanswered.delete(ended) })
    this.#unanswered.add(ended)
  }

  async #deliver (request: LoadRequest): Promise<void> {
    const { random } = this.#options
    const repeat = isRepeatable(request) && random() < REPEAT_SHARE ? pick(random, REPEATS) : undefined
    if (repeat === 'in-flight') {
      const both = await Promise.all([this.#post(request), this.#again(request)])
      this.#compare(request, both[0], both[1])
      if (both.some((answer) => answer !== undefined && isWorthTaking(answer))) return
    }
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const answer = await this.#post(request)
      if (answer !== undefined && isWorthTaking(answer)) return await this.#repeat(request, repeat, answer)
      if (!isRepeatable(request)) return
      await wait(integer(random, SHORTEST_RETRY_MS, LONGEST_RETRY_MS), undefined, { signal: this.#over.signal }).catch(
        () => {}
      )
      if (this.#over.signal.aborted) return
      if (tries < MOST_TRIES) this.counts.retried++
    }
  }

  /**
   * Repeats a stored request. It changes the body only if the first is known to be in the queue, since otherwise the
   * second may be the stored one.
   */
  async #repeat (request: LoadRequest, repeat: Repeat | undefined, first: readonly EventAnswer[]): Promise<void> {
    const isQueued =
      first.length === request.events.length &&
      first.every(
        ({ status, level, isLevelVague }) => status === 'accepted' && level !== 'spooled' && isLevelVague !== true
      )
    if (
      repeat === undefined ||
      repeat === 'in-flight' ||
      (repeat === 'other-body' && (!isQueued || request.origin.form === 'binary'))
    ) {
      return
    }
    const again = await this.#again(repeat === 'same' ? request : withOtherPayloads(request))
    this.#compare(request, first, again)
  }

  #again (request: LoadRequest): Promise<readonly EventAnswer[] | undefined> {
    this.counts.repeated++
    return this.#post(request)
  }

  #compare (
    { events }: LoadRequest, first: readonly EventAnswer[] | undefined, again: readonly EventAnswer[] | undefined
  ): void {
    for (const answer of first ?? []) {
      const other = again?.find(({ index }) => index === answer.index)
      const facts = events[answer.index] as EventFacts
      const problem = other && repeatProblem(answer, other, facts.ownId)
      if (problem === undefined) continue
      this.#options.onContradiction(`event ${facts.sequence} (${facts.form}): ${problem}`, facts.sequence)
    }
  }

  /** Sends a request and resolves with the results of its events; undefined without a complete answer. */
  async #post (request: LoadRequest): Promise<readonly EventAnswer[] | undefined> {
    const { random, urls, onAnswer, onUnanswered, onContradiction } = this.#options
    const url = pick(random, urls)
    this.counts.sent++
    this.#inHand += request.events.length
    try {
      const { status, retryAfter, text } = await exchange(`${url}${request.path}`, request.body, {
        headers: request.headers, agent: this.#agent, timeoutMs: REQUEST_TIMEOUT_MS
      })
      this.counts.byStatus[status] = (this.counts.byStatus[status] ?? 0) + 1
      const { events, contradictions } = readAnswer(
        request,
        status,
        retryAfter,
        text === '' ? undefined : JSON.parse(text)
      )
      for (const contradiction of contradictions) onContradiction(contradiction)
      const [first, last] = [events[0], events.at(-1)]
      if (request.events.length > 1 && request.events[0] === request.events.at(-1)) {
        this.#compare(request, first && [first], last && [{ ...last, index: 0 }])
      }
      for (const answer of events) onAnswer(request.events[answer.index] as EventFacts, answer, url)
      return events
    } catch {
      this.counts.unanswered++
      onUnanswered(request.events.length)
      return undefined
    } finally {
      this.#inHand -= request.events.length
    }
  }

  /** Posts a body one byte above the limit, which Spillway must refuse as a whole. */
  async #overshoot (): Promise<void> {
    const { random, urls, onContradiction } = this.#options
    const body = JSON.stringify({ type: 'too-large', payload: '' })
    const filled = body.replace('""', `"${'z'.repeat(BODY_LIMIT_BYTES + 1 - body.length)}"`)
    const answer = await exchange(`${pick(random, urls)}/api/v1/events`, filled, {
      agent: this.#agent,
      timeoutMs: REQUEST_TIMEOUT_MS
    }).catch(() => undefined)
    if (answer !== undefined && answer.status !== 413 && answer.status !== 503) {
      onContradiction(`${answer.status} to a body above the limit`)
    }
  }
}

/** Whether the request is finished: some of it was stored, or never will be. Otherwise it is sent again. */
function isWorthTaking (answer: readonly EventAnswer[]): boolean {
  return answer.length > 0 && answer.every(({ status }) => status === 'accepted' || status === 'duplicate')
}
