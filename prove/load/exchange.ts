import { request as send, type Agent } from 'node:http'
import { text } from 'node:stream/consumers'

const REQUEST_TIMEOUT_MS = 5_000

/** A whole answer. */
export interface Answered {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: unknown
}

/** Posts a body. Rejects when there is no whole answer in time. */
export function exchange (
  url: string, headers: Readonly<Record<string, string>>, body: string, agent: Agent
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const call = send(url, {
      method: 'POST',
      agent,
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    })
    call.once('error', reject)
    call.once('response', (answer) => {
      const { statusCode: status = 0, headers: { 'retry-after': retryAfter } } = answer
      resolve(
        text(answer).then((received) => ({
          status, retryAfter, body: received === '' ? undefined : (JSON.parse(received) as unknown)
        }))
      )
    })
    call.end(body)
  })
}
