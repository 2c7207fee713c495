import { utf8Header } from '../clients/typescript/header.ts'
import { Deadline } from '../services/clock/deadline.ts'

/** Longest wait for an answer of the service. Time in which this process stood still does not count. */
const TIMEOUT_MS = 10_000

const REMEDY = 'set SPILLWAY_TOKEN or --token to its ADMIN_TOKEN, or SPILLWAY_KEY to an API key'
const MISSING_TOKEN = `the service requires a token; ${REMEDY}`
const WRONG_TOKEN = `the service refused the token; ${REMEDY}`

const GRACE = 'set --grace-seconds, 0 to end the present secret at once'
const OTHER_PORT = 'set --admin-url or SPILLWAY_ADMIN_URL to the address of ADMIN_PORT'

/** No service answers at the URL. */
export class UnreachableError extends Error {
  readonly code = 'SERVICE_UNREACHABLE'
}

/** The service answered with an error. */
export class AnswerError extends Error {
  readonly code = 'SERVICE_REFUSED'
  readonly status: number

  constructor (status: number, detail: string, isTokenGiven = false) {
    const remedy = remedyOf(status, detail, isTokenGiven)
    super(remedy === undefined ? detail : `${detail}: ${remedy}`)
    this.status = status
  }
}

export interface ServiceAnswer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

/** The address of a Spillway. */
export interface ServiceAddress {
  readonly url: string
  /** The URL without credentials. */
  readonly shownUrl: string
  /** The options that set it. */
  readonly namedBy: string
}

/** Sends requests to a Spillway over HTTP. */
export class ServiceApi {
  readonly #url: string
  readonly #address: ServiceAddress
  readonly #token: string | undefined
  readonly #signal: AbortSignal
  readonly #timeoutMs: number

  constructor (address: ServiceAddress, token: string | undefined, signal: AbortSignal, timeoutMs = TIMEOUT_MS) {
    this.#url = address.url.endsWith('/') ? address.url : `${address.url}/`
    this.#address = address
    this.#token = token
    this.#signal = signal
    this.#timeoutMs = timeoutMs
  }

  /** Resolves with any answer. @throws UnreachableError if there is none */
  async fetch (
    method: string, path: string, body?: unknown, further: Readonly<Record<string, string>> = {}
  ): Promise<ServiceAnswer> {
    const headers = {
      ...further,
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(this.#token !== undefined && { authorization: `Bearer ${utf8Header(this.#token)}` })
    }
    const late = new AbortController()
    const reason = `no answer within ${this.#timeoutMs / 1_000} s`
    const deadline = new Deadline(this.#timeoutMs, () => late.abort(new DOMException(reason, 'TimeoutError')))
    try {
      const response = await fetch(new URL(path, this.#url), {
        method,
        headers,
        ...(body !== undefined && { body: JSON.stringify(body) }),
        signal: AbortSignal.any([this.#signal, late.signal])
      })
      return { status: response.status, headers: response.headers, text: await response.text() }
    } catch (error) {
      this.#signal.throwIfAborted()
      throw new UnreachableError(
        `no Spillway answers at ${this.#address.shownUrl} (${
          reasonOf(error as Error)
        }); start it, or correct ${this.#address.namedBy}`,
        { cause: error }
      )
    } finally {
      deadline.clear()
    }
  }

  /** Resolves with the body of an answer. @throws AnswerError for a status of 400 or more that is not in `expected` */
  async ask<Body> (
    method: string, path: string, body?: unknown, expected: readonly number[] = [],
    headers: Readonly<Record<string, string>> = {}
  ): Promise<Body> {
    const { status, text } = await this.fetch(method, path, body, headers)
    const parsed = parse(text)
    if (status >= 400 && !expected.includes(status)) {
      const { detail, title } = (parsed ?? {}) as { detail?: string, title?: string }
      throw new AnswerError(
        status,
        `${method} /${path}: ${status} ${detail ?? title ?? ''}`.trim(),
        this.#token !== undefined
      )
    }
    if (parsed === undefined && status !== 204)
      throw new AnswerError(
        status,
        `${method} /${path}: the answer is not JSON; check that a Spillway runs at ${this.#address.shownUrl}`
      )
    return parsed as Body
  }
}

/** Returns the options of the command that an answer asks for; the service does not know them. */
function remedyOf (status: number, detail: string, isTokenGiven: boolean): string | undefined {
  if (status === 401) return isTokenGiven ? WRONG_TOKEN : MISSING_TOKEN
  if (status === 409 && detail.includes('graceSeconds')) return GRACE
  return status === 404 && detail.includes('ADMIN_PORT') ? OTHER_PORT : undefined
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Returns the cause of a failed fetch, which says more than its message. */
function reasonOf (error: Error): string {
  const cause = error.cause as NodeJS.ErrnoException | undefined
  return cause?.code ?? cause?.message ?? error.message
}
