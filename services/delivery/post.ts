/*
 * Calls to consumers, by node:http rather than fetch: a call costs less than half of the CPU, and under little load every
 * event is a call. Node's agents keep connections for the next call, and give them up before a server would.
 */
import { request as callHttp, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as callHttps } from 'node:https'
import { Deadline } from '../clock/deadline.ts'

/** What became of a call: an answer, no answer, or the caller's own signal ended it. Never an exception. */
export type PostResult =
  | { kind: 'answered', status: number, retryAfter: string | null, body: string | undefined }
  | { kind: 'failed', reason: string }
  | { kind: 'interrupted' }

export interface PostRequest {
  headers: Record<string, string>
  body: string
  signal: AbortSignal
  timeoutMs: number
  /** An answer that is longer is cut off, and its body is undefined. */
  maxAnswerBytes: number
}

/** Posts a body without following redirects, and reads the answer to its end so that the connection can be used again. */
export async function post (url: string, request: PostRequest): Promise<PostResult> {
  const { signal, timeoutMs } = request
  if (signal.aborted) return { kind: 'interrupted' }
  let call: ClientRequest | undefined
  let ending: PostResult | undefined
  // A call that is cut before its answer fails; one that has begun to be answered keeps its status.
  const cut = (result: PostResult) => {
    ending = result
    call?.destroy()
  }
  const interrupt = () => cut({ kind: 'interrupted' })
  const deadline = new Deadline(timeoutMs, () => cut({ kind: 'failed', reason: `no answer within ${timeoutMs} ms` }))
  signal.addEventListener('abort', interrupt, { once: true })
  try {
    call = open(url, request)
    return await answerTo(call, request)
  } catch (error) {
    return ending ?? { kind: 'failed', reason: describeFailure(error as NodeJS.ErrnoException) }
  } finally {
    deadline.clear()
    signal.removeEventListener('abort', interrupt)
  }
}

/** Says why nothing can be posted to an address, or undefined when it can. */
export function findUrlProblem (url: string): string | undefined {
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return 'expected an http or https URL'
  if (parsed.username !== '' || parsed.password !== '') return 'expected a URL without a user name or password, which belong in a header'
  return undefined
}

function open (url: string, { headers }: PostRequest): ClientRequest {
  const address = new URL(url)
  const call = address.protocol === 'https:' ? callHttps : callHttp
  return call(address, { method: 'POST', headers: { 'user-agent': 'spillway', ...headers } })
}

/** Sends the body. Rejects when the call ends without an answer. */
function answerTo (call: ClientRequest, { body, maxAnswerBytes }: PostRequest): Promise<PostResult> {
  const answered = Promise.withResolvers<PostResult>()
  call.once('response', (answer) => answered.resolve(readAnswer(answer, maxAnswerBytes)))
  call.on('error', answered.reject)
  call.once('close', () => answered.reject(new Error('closed without an answer')))
  call.end(body)
  return answered.promise
}

function readAnswer (answer: IncomingMessage, maxBytes: number): Promise<PostResult> {
  const { promise, resolve } = Promise.withResolvers<PostResult>()
  const { statusCode, headers } = answer
  const chunks: Buffer[] = []
  let length = 0
  answer.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length > maxBytes) answer.destroy()
    else chunks.push(chunk)
  })
  // The status stands whatever becomes of the body, so a body that breaks off is only an unknown body.
  answer.on('error', () => {})
  answer.once('close', () => {
    const isWhole = answer.complete && length <= maxBytes
    resolve({ kind: 'answered', status: statusCode as number, retryAfter: headers['retry-after'] ?? null, body: isWhole ? Buffer.concat(chunks).toString() : undefined })
  })
  return promise
}

function describeFailure ({ code, message }: NodeJS.ErrnoException): string {
  return code ?? message
}
