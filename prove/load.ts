import { Agent, request as send } from 'node:http'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { readAnswer } from './answer.ts'
import type { Level } from './oracle.ts'
import { integer, type Random } from './random.ts'
import { composeRequest, EVENTS_BY_FORM, pickForm, type Form, type LoadRequest } from './request.ts'

const TICK_MS = 10
const REQUEST_TIMEOUT_MS = 5_000
/** Beyond this many unanswered requests the load leaves some out, so that a hung service does not exhaust this process. */
const MOST_UNANSWERED = 1_000
const MOST_TRIES = 8
const SHORTEST_RETRY_MS = 100
const LONGEST_RETRY_MS = 1_000
const NOT_IMPLEMENTED = 501

export interface LoadOptions {
  readonly url: string
  /** Events per second. */
  readonly rate: number
  readonly random: Random
  /** Told before events are sent; answers the sequence number of the first. */
  readonly onPost: (count: number) => number
  readonly onAcknowledge: (sequence: number, priority: number, level: Level) => void
}

/** What happened to the requests. */
export interface LoadCounts {
  sent: number
  /** Sent again with the same ids because it was not known, or known not to have worked, what became of the first. */
  repeated: number
  /** Neither refused nor answered: the connection broke, or the time ran out. */
  unanswered: number
  /** Events that the load should have posted, but held back because too many requests were unanswered. */
  leftOut: number
  byStatus: Record<string, number>
  contradictions: string[]
}

/** Posts events at a fixed rate, whatever becomes of them (open loop), and reads the promises off the answers. */
export class Load {
  readonly counts: LoadCounts = { sent: 0, repeated: 0, unanswered: 0, leftOut: 0, byStatus: {}, contradictions: [] }
  readonly #options: LoadOptions
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 256 })
  readonly #unanswered = new Set<Promise<void>>()
  readonly #over = new AbortController()
  #timer: NodeJS.Timeout | undefined
  #startedAt = 0
  #due = 0
  #nextForm: Form = 'single'

  constructor (options: LoadOptions) {
    this.#options = options
  }

  start (): void {
    this.#startedAt = performance.now()
    this.#timer = setInterval(() => { this.#tick() }, TICK_MS)
  }

  /** Ends the load and waits for the answers that are still to come; nothing is repeated any more. */
  async stop (): Promise<void> {
    clearInterval(this.#timer)
    this.#over.abort()
    while (this.#unanswered.size > 0) await Promise.all(this.#unanswered)
    this.#agent.destroy()
  }

  #tick (): void {
    const expected = (performance.now() - this.#startedAt) / 1_000 * this.#options.rate
    while (this.#due + EVENTS_BY_FORM[this.#nextForm] <= expected) {
      const form = this.#nextForm
      this.#due += EVENTS_BY_FORM[form]
      this.#nextForm = pickForm(this.#options.random)
      if (this.#unanswered.size >= MOST_UNANSWERED) {
        this.counts.leftOut += EVENTS_BY_FORM[form]
        continue
      }
      const request = composeRequest(this.#options.random, form, this.#options.onPost(EVENTS_BY_FORM[form]))
      const answered = this.#deliver(request).finally(() => { this.#unanswered.delete(answered) })
      this.#unanswered.add(answered)
    }
  }

  async #deliver (request: LoadRequest): Promise<void> {
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const status = await this.#post(request)
      const hasFailed = status === undefined || status === 409 || (status >= 500 && status !== NOT_IMPLEMENTED)
      if (!hasFailed || !request.isRepeatable) return
      await wait(integer(this.#options.random, SHORTEST_RETRY_MS, LONGEST_RETRY_MS), undefined, { signal: this.#over.signal }).catch(() => {})
      if (this.#over.signal.aborted) return
      if (tries < MOST_TRIES) this.counts.repeated++
    }
  }

  /** Sends a request, notes what it is promised, and answers the status; undefined when there was no whole answer. */
  async #post (request: LoadRequest): Promise<number | undefined> {
    this.counts.sent++
    try {
      const { status, body } = await this.#exchange(request)
      this.counts.byStatus[status] = (this.counts.byStatus[status] ?? 0) + 1
      const { obligations, contradiction } = readAnswer(request, status, body)
      if (contradiction !== undefined) this.counts.contradictions.push(contradiction)
      for (const { index, level } of obligations) {
        const priority = request.priorities[index]
        if (priority === undefined) this.counts.contradictions.push(`${status} names an event ${index} of ${request.priorities.length}`)
        else this.#options.onAcknowledge(request.first + index, priority, level)
      }
      return status
    } catch {
      this.counts.unanswered++
      return undefined
    }
  }

  #exchange ({ path, headers, body }: LoadRequest): Promise<{ status: number, body: unknown }> {
    return new Promise((resolve, reject) => {
      const call = send(`${this.#options.url}${path}`, {
        method: 'POST', agent: this.#agent, headers: { ...headers, 'content-length': Buffer.byteLength(body) }, signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS)
      })
      call.once('error', reject)
      call.once('response', (answer) => {
        const { statusCode: status = 0 } = answer
        resolve(text(answer).then((received) => ({ status, body: received === '' ? undefined : JSON.parse(received) as unknown })))
      })
      call.end(body)
    })
  }
}
