/*
 * The first step of a request: who sends it, and whether that producer may use the route. A reader finds each answer
 * that keeps a request out here; the rights of single events are judged with the event, by the policies of admission.
 */
import type { ApiPort } from '../connections/api-port.ts'
import type { RequestHeaders } from '../event/request-headers.ts'
import type { Problem } from '../problem/problem.ts'
import type { Authenticator, AuthFailure } from './authenticator.ts'
import type { Producer, Scope } from './producer.ts'

/** The requirements of a route on the producer of a request. */
export interface RouteNeeds {
  /** The scopes of which a key needs one. */
  readonly scopes: readonly Scope[]
  /** Whether ADMIN_TOKEN guards the route while no key is required. */
  readonly isOperator: boolean
  /** Whether the route shows more than one organization, so a key that has an organization does not suffice. */
  readonly isForWholeService: boolean
  /** Whether the route accepts a password. A browser sends it for pages of other sites too, so routes for events do not. */
  readonly mayBePassword: boolean
}

/** Seconds after which a process may have read the keys in Redis. */
const KEYS_RETRY_SECONDS = 1

const HOW = 'send it as `Authorization: Bearer <key>` or `X-API-Key: <key>`, or as password with any user name'

export const AUTH_PROBLEMS: Readonly<Record<AuthFailure, Problem>> = {
  missing: { status: 401, slug: 'unauthorized', detail: `The request presents no key; ${HOW}` },
  wrong: {
    status: 401,
    slug: 'unauthorized',
    detail: `The key is unknown, expired or revoked, or this route does not accept it in this form; ${HOW}`
  },
  unknowable: {
    status: 503,
    slug: 'keys-unavailable',
    reason: 'keys-unavailable',
    detail: 'This process does not know the key, and Redis, which may, is out of reach; try again',
    retryAfterSeconds: KEYS_RETRY_SECONDS
  }
}

/** The answer to a key without the scope of a route. */
export function scopeProblem (scopes: readonly Scope[]): Problem {
  return {
    status: 403, slug: 'forbidden', reason: 'scope', detail: `This route requires a key with scope ${scopes.join(' or ')}`
  }
}

const BOUND_TO_ORGANIZATION: Problem = {
  status: 403,
  slug: 'forbidden',
  reason: 'organization-mismatch',
  detail: 'This route shows all organizations, and the key is bound to one; use a key without an organization'
}

/** The answer to a key with too many requests in flight. */
export const KEY_BUSY: Problem = {
  status: 429,
  slug: 'key-busy',
  reason: 'key-busy',
  detail: 'The key has as many requests in flight as KEY_MAX_REQUESTS allows; wait for answers before you send more',
  retryAfterSeconds: 1
}

/** Returns the producer of a request to a route, which came to the port, or the problem that answers it. */
export function enter (
  authenticator: Authenticator,
  { scopes, isOperator, isForWholeService, mayBePassword }: RouteNeeds,
  headers: RequestHeaders,
  port: ApiPort
): Producer | Problem {
  const producer = authenticator.authenticate(headers, port, isOperator, mayBePassword)
  if (typeof producer === 'string') return AUTH_PROBLEMS[producer]
  if (!scopes.some((scope) => producer.scopes.has(scope))) return scopeProblem(scopes)
  return isForWholeService && producer.organizationId !== undefined ? BOUND_TO_ORGANIZATION : producer
}

/** Tells the two outcomes of `enter` apart. */
export function isProblem (outcome: Producer | Problem): outcome is Problem {
  return 'status' in outcome
}
