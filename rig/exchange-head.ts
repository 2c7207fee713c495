import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { json } from 'node:stream/consumers'

/** The part of an answer that tells routes apart. */
export interface AnswerHead {
  readonly status: number
  /** The detail of a problem document; empty for any other body. */
  readonly detail: string
}

/** Sends a request without a body on a connection of its own, and reads the body only of a problem document. */
export async function exchangeHead (
  url: string, method: string, path: string, headers: Record<string, string> = {}
): Promise<AnswerHead> {
  const outgoing = request(new URL(path, url), { method, headers, agent: false })
  outgoing.end()
  const [incoming] = await once(outgoing, 'response') as [IncomingMessage]
  const isProblem = method !== 'HEAD' && String(incoming.headers['content-type']).startsWith('application/problem+json')
  const { detail = '' } = isProblem ? await json(incoming) as { detail?: string } : {}
  outgoing.on('error', () => {}).destroy()
  return { status: incoming.statusCode ?? 0, detail }
}
