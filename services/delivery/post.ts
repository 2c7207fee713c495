/*
 * Calls consumers with node:http rather than fetch, which needs more than twice the CPU: under little load every event
 * is a call. Connections are kept for the next call.
 *
 * A consumer may close a kept connection at any moment. A call on it then fails with a reset, which is not a failure of
 * the consumer: the call is repeated immediately on a new connection (RFC 9110 9.2.2: our calls carry ids).
 */
import { request as callHttp, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as callHttps } from 'node:https'
import type { Socket } from 'node:net'
import { Deadline } from '../clock/deadline.ts'
import type { Outbound } from './outbound.ts'

/** The result of a call: an answer, no answer, or the caller's own signal ended it. Never an exception. */
export type PostResult =
  | { kind: 'answered', status: number, retryAfter: string | null, body: string | undefined }
  | { kind: 'failed', reason: string, wasConnected: boolean }
  | { kind: 'interrupted' }
  /** Nothing was sent: `isOverdue` said so once there was a connection. */
  | { kind: 'overdue' }

export interface PostRequest {
  /** POST by default. */
  method?: 'GET' | 'POST'
  headers: Record<string, string>
  body: string
  signal: AbortSignal
  timeoutMs: number
  /** Asked once there is a connection, before the body is sent; true ends the call. */
  isOverdue?: () => boolean
  /** A longer answer is cut off, and its body is undefined. */
  maxAnswerBytes: number
  /** Where connections may lead. No caller can forget it: there is no default. */
  outbound: Outbound
}

/** Most interim answers (1xx) of a call: each costs time and says nothing. */
const MOST_INTERIM = 16

/**
 * Posts a body without following redirects, and reads the answer to its end so that the connection can be used again.
 */
export async function post (url: string, request: PostRequest): Promise<PostResult> {
  const { signal, timeoutMs, body, isOverdue, maxAnswerBytes } = request
  if (signal.aborted) return { kind: 'interrupted' }
  const problem = request.outbound.problemOf(url)
  if (problem !== undefined) return { kind: 'failed', reason: problem, wasConnected: false }
  const state: CallState = { call: undefined, isConnected: false, readBefore: 0 }
  let ending: PostResult | undefined
  // A call that is cut before its answer fails; after the head of its answer it keeps the status.
  const cut = (result: PostResult) => {
    ending = result
    state.call?.destroy()
  }
  const interrupt = () => cut({ kind: 'interrupted' })
  const deadline = new Deadline(timeoutMs, () =>
    cut({ kind: 'failed', reason: `no answer within ${timeoutMs} ms`, wasConnected: state.isConnected })
  )
  signal.addEventListener('abort', interrupt, { once: true })
  const attempt = async (isOnOwnConnection: boolean) => {
    state.isConnected = false
    state.call = open(url, request, isOnOwnConnection)
    const { call } = state
    const send = () => {
      if (isOverdue?.() === true) cut({ kind: 'overdue' })
      else call.end(body)
    }
    recordConnection(call, state, isOverdue && send)
    const answer = answerTo(call, maxAnswerBytes)
    // The connection is worth waiting for only if there is a question to ask then.
    if (isOverdue === undefined) send()
    return await answer
  }
  try {
    try {
      return await attempt(false)
    } catch (error) {
      if (ending !== undefined || !wasStale(state, error as NodeJS.ErrnoException)) throw error
      return await attempt(true)
    }
  } catch (error) {
    return (
      ending ?? {
        kind: 'failed',
        reason: describeFailure(error as NodeJS.ErrnoException),
        wasConnected: state.isConnected
      }
    )
  } finally {
    deadline.clear()
    signal.removeEventListener('abort', interrupt)
  }
}

/** Gets what is at a URL, under the same bounds. */
export async function get (
  url: string, request: Omit<PostRequest, 'method' | 'body' | 'isOverdue'>
): Promise<PostResult> {
  return await post(url, { ...request, method: 'GET', body: '' })
}

/** Says why a URL cannot be called; undefined if it can. */
export function findUrlProblem (url: string): string | undefined {
  const parsed = URL.parse(url)
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) return 'expected an http or https URL'
  if (parsed.username !== '' || parsed.password !== '')
    return 'expected a URL without a user name or password, which belong in a header'
  return undefined
}

interface CallState {
  call: ClientRequest | undefined
  isConnected: boolean
  /** Bytes read from the connection before this call. */
  readBefore: number
}

/** Tells whether a used connection ended before the first byte of an answer. */
function wasStale ({ call, readBefore }: CallState, { code }: NodeJS.ErrnoException): boolean {
  return (
    call?.reusedSocket === true &&
    call.socket?.bytesRead === readBefore &&
    (code === 'ECONNRESET' || code === 'EPIPE' || code === 'ECONNABORTED')
  )
}

function open (
  url: string, { method = 'POST', headers, outbound }: PostRequest, isOnOwnConnection: boolean
): ClientRequest {
  const address = new URL(url)
  const isSecure = address.protocol === 'https:'
  const call = isSecure ? callHttps : callHttp
  const agent = isOnOwnConnection ? false : isSecure ? outbound.https : outbound.http
  return call(address, {
    method, agent, headers: { 'user-agent': 'spillway', ...headers }, ...outbound.connection
  })
}

function recordConnection (call: ClientRequest, state: CallState, onConnected?: () => void): void {
  const connected = () => {
    if (state.call === call) state.isConnected = true
    onConnected?.()
  }
  call.once('socket', (socket: Socket & { encrypted?: boolean }) => {
    state.readBefore = socket.bytesRead
    if (call.reusedSocket) connected()
    else socket.once(socket.encrypted === true ? 'secureConnect' : 'connect', connected)
  })
}

/** Rejects when the call ends without an answer. */
function answerTo (call: ClientRequest, maxAnswerBytes: number): Promise<PostResult> {
  const answered = Promise.withResolvers<PostResult>()
  call.once('response', (answer) => answered.resolve(readAnswer(answer, maxAnswerBytes)))
  call.on('error', answered.reject)
  let interim = 0
  call.on('information', () => {
    if (++interim > MOST_INTERIM) call.destroy(new Error(`more than ${MOST_INTERIM} interim answers`))
  })
  call.once('close', () => answered.reject(new Error('closed without an answer')))
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
  // The status is valid even if the body breaks off, which only leaves the body unknown.
  answer.on('error', () => {})
  answer.once('close', () => {
    const isWhole = answer.complete && length <= maxBytes
    resolve({
      kind: 'answered',
      status: statusCode as number,
      retryAfter: headers['retry-after'] ?? null,
      body: isWhole ? Buffer.concat(chunks).toString() : undefined
    })
  })
  return promise
}

function describeFailure ({ code, message }: NodeJS.ErrnoException): string {
  return code ?? message
}
