import { readAnswer, unanswered, type Answer } from './answer.ts'
import type { Clock } from './clock.ts'
import { retryAfterSeconds } from './retry-delay.ts'
import type { Entry } from './spool.ts'

const BATCH_PATH = 'api/v1/events/batch'

export interface TransportOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  readonly fetch: typeof fetch
  readonly clock: Clock
}

/** Posts batches, and can break off all that are under way. */
export class Transport {
  readonly #options: TransportOptions
  readonly #url: URL
  readonly #underWay = new Set<AbortController>()

  /** @throws TypeError with the code ERR_INVALID_URL when the URL is none, or has credentials, which fetch does not take */
  constructor (options: TransportOptions) {
    this.#options = options
    this.#url = new URL(BATCH_PATH, options.url.endsWith('/') ? options.url : `${options.url}/`)
    if (this.#url.username + this.#url.password !== '') throw Object.assign(new TypeError('credentials in the URL: use the option token'), { code: 'ERR_INVALID_URL' })
  }

  /** Never rejects: no answer is an answer of its own. */
  async post (batch: readonly Entry[]): Promise<Answer> {
    const { fetch, clock, timeoutMs } = this.#options
    const ids = batch.map(({ id }) => id)
    const controller = new AbortController()
    this.#underWay.add(controller)
    const timer = clock.setTimeout(() => { controller.abort() }, timeoutMs)
    try {
      const body = `[${batch.map(({ text }) => text).join(',')}]`
      const response = await fetch(this.#url, { method: 'POST', headers: this.#headersOf(batch), body, redirect: 'manual', signal: controller.signal })
      return readAnswer(response.status, retryAfterSeconds(response.headers.get('retry-after'), Date.now()), await response.text(), ids)
    } catch {
      return unanswered(controller.signal.aborted ? 'broken-off' : 'no-connection', ids)
    } finally {
      clock.clearTimeout(timer)
      this.#underWay.delete(controller)
    }
  }

  /** Breaks off what is under way. */
  stop (): void {
    for (const controller of this.#underWay) controller.abort()
  }

  #headersOf (batch: readonly Entry[]): Record<string, string> {
    const { priority, traceparent } = batch[0] as Entry
    // Told before the body, the priority lets an overloaded service refuse without reading it.
    const isOnePriority = batch.every((entry) => entry.isPriorityKnown && entry.priority === priority)
    return { ...this.#options.headers, ...(isOnePriority && { 'x-event-priority': String(priority) }), ...(traceparent !== undefined && { traceparent }) }
  }
}
