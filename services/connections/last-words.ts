import { STATUS_CODES } from 'node:http'

/** Code of the error that Node reports when a head is late. */
const LATE_HEAD = 'ERR_HTTP_REQUEST_TIMEOUT'

interface ClientError extends Error {
  code?: string
}

/** Problem details with their head, like those of other answers; they end the connection. */
export interface LastWords {
  readonly status: number
  readonly headers: readonly string[]
  readonly body: string
}

export function lastWords (status: number, detail: string): LastWords {
  const type = 'urn:spillway:problem:invalid-request'
  const body = JSON.stringify({ type, title: STATUS_CODES[status], status, detail })
  return {
    status,
    headers: [
      'content-type', 'application/problem+json; charset=utf-8',
      'content-length', String(Buffer.byteLength(body)),
      'connection', 'close'
    ],
    body
  }
}

/** Returns the answer to bytes that Node could not parse as a request. */
export function answerToBroken ({ code, message }: ClientError): LastWords {
  if (code === LATE_HEAD) return lastWords(408, 'The head of the request did not arrive in time')
  if (code === 'HPE_HEADER_OVERFLOW') return lastWords(431, 'The head of the request is too large')
  return lastWords(400, `The request is not HTTP: ${message.replace(/^Parse Error: /, '')}`)
}

/** Whether the error says that a head is late, and not that it is wrong. */
export function isLate ({ code }: ClientError): boolean {
  return code === LATE_HEAD
}

/** Returns the same as text, for a connection without a response object. */
export function textOf ({ status, headers, body }: LastWords): string {
  let text = `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n`
  for (let index = 0; index < headers.length; index += 2) text += `${headers[index]}: ${headers[index + 1]}\r\n`
  return `${text}\r\n${body}`
}
