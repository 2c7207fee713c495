import { request, type Agent } from 'node:http'
import { text } from 'node:stream/consumers'

/** A whole answer. */
export interface Answered {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly text: string
}

export interface ExchangeOptions {
  readonly agent: Agent
  /** JSON by default. */
  readonly headers?: Readonly<Record<string, string>>
  /** Deadline for the whole answer; none by default. */
  readonly timeoutMs?: number
}

/** Posts a body over a keep-alive connection. Rejects if there is no complete answer in time. */
export function exchange (
  url: string,
  body: string,
  { agent, headers, timeoutMs }: ExchangeOptions
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const call = request(url, {
      method: 'POST',
      agent,
      headers: { 'content-type': 'application/json', ...headers, 'content-length': Buffer.byteLength(body) },
      ...timeoutMs !== undefined && { signal: AbortSignal.timeout(timeoutMs) }
    })
    call.once('error', reject)
    call.once('response', (answer) => {
      const { statusCode: status = 0, headers: { 'retry-after': retryAfter } } = answer
      resolve(text(answer).then((received) => ({ status, retryAfter, text: received })))
    })
    call.end(body)
  })
}
