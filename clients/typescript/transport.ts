import { readAnswer, unanswered, unsendable, type Answer } from './answer.ts'
import type { Clock } from './clock.ts'
import { gzipped } from './compress.ts'
import { allowanceOf } from './pace.ts'
import { retryAfterSeconds } from './retry-delay.ts'
import type { Entry } from './spool.ts'

const BATCH_PATH = 'api/v1/events/batch'

export interface TransportOptions {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly timeoutMs: number
  /** Length in characters from which a body is compressed. */
  readonly compressFrom: number
  readonly fetch: typeof fetch
  readonly clock: Clock
}

/** Posts batches, and can abort all requests in progress. */
export class Transport {
  readonly #options: TransportOptions
  readonly #url: URL
  readonly #underWay = new Set<AbortController>()
  /** False once the service, or a proxy before it, has refused a compressed body. */
  #mayCompress = true

  constructor (options: TransportOptions) {
    this.#options = options
    this.#url = new URL(BATCH_PATH, options.url.endsWith('/') ? options.url : `${options.url}/`)
  }

  /** Never rejects: the lack of an answer is a value too. */
  async post (batch: readonly Entry[]): Promise<Answer> {
    const { clock, timeoutMs } = this.#options
    const ids = batch.map(({ id }) => id)
    const controller = new AbortController()
    this.#underWay.add(controller)
    const timer = clock.setTimeout(() => { controller.abort() }, timeoutMs)
    try {
      const response = await this.#send(`[${batch.map(({ text }) => text).join(',')}]`, batch, controller.signal)
      const { status, headers } = response
      const allowance = allowanceOf(headers.get('ratelimit'))
      const answer = readAnswer(
        status, retryAfterSeconds(headers.get('retry-after'), Date.now()), await response.text(), ids
      )
      // A refusal for another reason says nothing about the quota.
      return { ...answer, ...((allowance !== undefined || status < 300) && { allowance: allowance ?? null }) }
    } catch (error) {
      const refusal = refusalOf(error)
      if (refusal !== undefined) return unsendable(refusal, ids)
      return unanswered(controller.signal.aborted ? 'broken-off' : 'no-connection', ids)
    } finally {
      clock.clearTimeout(timer)
      this.#underWay.delete(controller)
    }
  }

  /** Aborts all requests in progress. */
  stop (): void {
    for (const controller of this.#underWay) controller.abort()
  }

  async #send (text: string, batch: readonly Entry[], signal: AbortSignal): Promise<Response> {
    const { fetch, compressFrom } = this.#options
    const headers = this.#headersOf(batch)
    const post = (body: string | ArrayBuffer, further?: Record<string, string>) =>
      fetch(this.#url, { method: 'POST', headers: { ...headers, ...further }, body, redirect: 'manual', signal })
    const compressed = this.#mayCompress && text.length >= compressFrom ? await gzipped(text) : undefined
    if (compressed === undefined) return post(text)
    const response = await post(compressed, { 'content-encoding': 'gzip' })
    if (response.status !== 415) return response
    this.#mayCompress = false
    await response.text()
    return post(text)
  }

  #headersOf (batch: readonly Entry[]): Record<string, string> {
    const { priority, traceparent } = batch[0] as Entry
    // The priority in a header lets an overloaded service refuse without reading the body.
    const isOnePriority = batch.every((entry) => entry.isPriorityKnown && entry.priority === priority)
    return {
      ...this.#options.headers,
      ...(isOnePriority && { 'x-event-priority': String(priority) }),
      ...(traceparent !== undefined && { traceparent })
    }
  }
}

/**
 * Returns why `fetch` itself refuses a request before it connects, so that a retry is of no use. Node.js names the
 * cause; a browser does not distinguish it from an unreachable service.
 */
function refusalOf (error: unknown): string | undefined {
  const { code, message } = ((error as Error | undefined)?.cause ?? {}) as { code?: unknown, message?: unknown }
  if (message === 'bad port')
    return 'fetch refuses the port of the URL because it belongs to another protocol; use another port'
  return REFUSED.has(code) ? `fetch refuses the request: ${String(message)}` : undefined
}

const REFUSED: ReadonlySet<unknown> = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_NOT_SUPPORTED'])
