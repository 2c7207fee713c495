/** Names of headers are tokens (RFC 9110 5.6.2). */
const NAME = /^[\w!#$%&'*+.^`|~-]+$/

/** A character for each byte, none of them a control but the tab (RFC 9110 5.5); nothing else can be sent. */
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/

/**
 * Headers that belong to the connection or the body, with which `fetch` or the service refuses every request; and the
 * one that is true of a single request: with the same Idempotency-Key in all of them, the events of the second would
 * be duplicates of those of the first.
 */
const RESERVED: ReadonlySet<string> = new Set([
  'connection', 'content-encoding', 'content-length', 'expect', 'idempotency-key', 'keep-alive', 'transfer-encoding',
  'upgrade'
])

/** The condition of `isSendable` in words. */
export const SENDABLE = 'text of Latin-1 characters (U+0020 to U+00FF) without control characters'

/** Returns the fault of a header that every request is to have; undefined if there is none. */
export function headerFault (name: string, value: unknown): string | undefined {
  if (!NAME.test(name)) return 'expected a name of letters, digits and hyphens'
  if (RESERVED.has(name.toLowerCase())) return 'requests cannot have this header; leave it out'
  return isSendable(value) ? undefined : `expected ${SENDABLE}`
}

/** Tells whether a request can have a header with this value. */
export function isSendable (value: unknown): value is string {
  return typeof value === 'string' && VALUE.test(value)
}

/** The bytes of a text in UTF-8 as the characters that `fetch` sends as those bytes: so a header can hold any text. */
export function utf8Header (text: string): string {
  return Array.from(new TextEncoder().encode(text), (byte) => String.fromCharCode(byte)).join('')
}

/**
 * Returns the headers of every request: those that were given, with their names in lower case, and over them those of
 * the client.
 */
export function requestHeaders (given: Readonly<Record<string, string>>, token: string | undefined): Record<string, string> {
  return {
    ...Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value])),
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${utf8Header(token)}` })
  }
}
