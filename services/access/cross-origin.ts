/*
 * Cross-origin requests of browsers (Fetch standard, CORS protocol). Pages of configured origins may post events, and
 * read the answers. They may do nothing else, and no cookie or password of the browser goes along.
 */
import type { RequestHeaders } from '../event/request-headers.ts'

/** How long a browser may remember the answer to a preflight. */
const PREFLIGHT_SECONDS = 600

/** The header of an attribute of a binary CloudEvent. */
const ATTRIBUTE = /^ce-[a-z0-9]+$/

/** Other headers that a page may set on a request. */
export const REQUEST_HEADERS: ReadonlySet<string> = new Set([
  'authorization', 'content-encoding', 'content-type', 'idempotency-key', 'traceparent', 'tracestate', 'x-api-key',
  'x-event-durability', 'x-event-priority', 'x-event-type'
])

/** Headers of an answer that a page may read. */
const ANSWER_HEADERS = 'retry-after, ratelimit, ratelimit-policy'

const EVERYBODY = '*'

/** Reads CORS_ORIGINS, which is checked before. */
export function parseCorsOrigins (text: string): ReadonlySet<string> {
  return new Set(text.split(',').map((origin) => origin.trim().toLowerCase()))
}

/** Returns the headers that let a page of the origin read an answer; undefined if it may not. */
export function grantTo (
  origin: string, origins: ReadonlySet<string>
): { 'access-control-allow-origin': string, 'access-control-expose-headers': string } | undefined {
  const allowed = origins.has(EVERYBODY) ? EVERYBODY : origins.has(origin.toLowerCase()) ? origin : undefined
  return allowed === undefined
    ? undefined
    : { 'access-control-allow-origin': allowed, 'access-control-expose-headers': ANSWER_HEADERS }
}

/** Whether a browser asks if a page may send a request. */
export function isPreflight (method: string, headers: RequestHeaders): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && headers['access-control-request-method'] !== undefined
}

/** Returns the headers of the answer to a preflight for a route that accepts events. */
export function preflightGrant (headers: RequestHeaders): Record<string, string> {
  const asked = String(headers['access-control-request-headers'] ?? '').toLowerCase().split(',')
  const allowed = asked.map((name) => name.trim()).filter((name) => REQUEST_HEADERS.has(name) || ATTRIBUTE.test(name))
  return {
    'access-control-allow-methods': 'POST',
    'access-control-allow-headers': allowed.join(', '),
    'access-control-max-age': String(PREFLIGHT_SECONDS)
  }
}
