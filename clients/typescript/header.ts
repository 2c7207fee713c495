/** Header names are tokens (RFC 9110 5.6.2). */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/

/** One character per byte, and no control character except the tab (RFC 9110 5.5). */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Headers of the connection or the body, with which `fetch` or the service refuses every request, and the
 * Idempotency-Key, which is valid for one request: with the same key in all requests, the events of the second would be
 * duplicates of those of the first.
 */
const RESERVED: ReadonlySet<string> = new Set([
  'connection', 'content-encoding', 'content-length', 'expect', 'idempotency-key', 'keep-alive', 'transfer-encoding',
  'upgrade'
])

/** The condition of `isSendable` in words. */
export const SENDABLE = 'text of Latin-1 characters (U+0020 to U+00FF) without control characters'

/** Returns the fault of a header for every request; undefined if there is none. */
export function headerFault (name: string, value: unknown): string | undefined {
  if (!NAME.test(name)) return 'expected a name of letters, digits and hyphens'
  if (RESERVED.has(name.toLowerCase())) return 'requests cannot have this header; leave it out'
  return isSendable(value) ? undefined : `expected ${SENDABLE}`
}

/** Whether a request can have a header with this value. */
export function isSendable (value: unknown): value is string {
  return typeof value === 'string' && VALUE.test(value)
}

/** Encodes a text as the characters that `fetch` sends as its UTF-8 bytes, so that a header can hold any text. */
export function utf8Header (text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('')
}

/**
 * Returns the headers of every request: the given ones, with their names in lower case, overridden by those of the
 * client.
 */
export function requestHeaders (
  given: Readonly<Record<string, string>>,
  token: string | undefined
): Record<string, string> {
  return {
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value])),
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${utf8Header(token)}` })
  }
}
