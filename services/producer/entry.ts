/*
 * The first step of a request: who sends it, and whether that producer may use the route. A reader finds each answer
 * that keeps a request out here; the rights of single events are judged with the event, by the policies of admission.
 */
import type { ApiPort } from '../connections/api-port.ts'
import type { Problem } from '../problem/problem.ts'
import type { Authenticator, AuthFailure, AuthOutcome, SentRequest } from './authenticator.ts'
import { COOL_DOWN_MS } from './key-set.ts'
import type { Producer, Scope } from './producer.ts'
import type { UnfitClaims } from './tokens.ts'

/** The scope that a key needs for a route, or several of which one suffices. */
export type DeclaredScope = Scope | readonly Scope[] | 'public'

/** Returns the scopes that a route declares. */
export function scopesOf ({ scope = [] }: { readonly scope?: DeclaredScope }): readonly Scope[] {
  if (scope === 'public') return []
  return typeof scope === 'string' ? [scope] : scope
}

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

/** Why a request is kept out, for the metrics. An answer may say less. */
export type RefusalCause = AuthFailure | 'unfit-claims' | 'scope' | 'organization-mismatch' | 'key-busy'

/** A request that is kept out, with its answer. */
export interface RefusedEntry {
  readonly cause: RefusalCause
  readonly problem: Problem
}

/** Seconds after which a process may have read the keys in Redis. */
const KEYS_RETRY_SECONDS = 1

const HOW = 'send it as `Authorization: Bearer <key>` or `X-API-Key: <key>`'
const PASSWORD = ', or as password with any user name'

const MISSING = unauthorized('The request presents no key')
/** Says nothing about what is wrong with a key: only its owner should know that it existed. */
const WRONG = unauthorized('The key is unknown, expired or revoked, or this route does not accept it in this form')

const LATER: Readonly<Record<Exclude<AuthFailure, 'missing' | 'wrong' | 'expired'>, Problem>> = {
  unknowable: {
    status: 503,
    slug: 'keys-unavailable',
    reason: 'keys-unavailable',
    detail: 'This process does not know the key, and Redis, which may, is out of reach; try again',
    retryAfterSeconds: KEYS_RETRY_SECONDS
  },
  unverifiable: {
    status: 503,
    slug: 'keys-unavailable',
    reason: 'keys-unavailable',
    detail: 'This process does not know the key that signed the JWT, and has not read a newer key set yet; try again',
    retryAfterSeconds: COOL_DOWN_MS / 1_000
  },
  'too-many-verifications': {
    status: 503,
    slug: 'too-many-verifications',
    reason: 'too-many-verifications',
    detail: 'This process verifies as many new JWTs as it can; try again',
    retryAfterSeconds: 1
  }
}

/**
 * Returns the answer to a request without a producer.
 *
 * @param mayBePassword whether the route accepts a password
 */
export function authProblem (failure: AuthFailure, mayBePassword: boolean): Problem {
  switch (failure) {
    case 'missing':
      return MISSING[mayBePassword ? 'withPassword' : 'withHeaders']
    case 'wrong':
    case 'expired':
      return WRONG[mayBePassword ? 'withPassword' : 'withHeaders']
    default:
      return LATER[failure]
  }
}

/** Names the forms that a route accepts. */
function unauthorized (cause: string): Readonly<Record<'withPassword' | 'withHeaders', Problem>> {
  const problem = (forms: string): Problem => ({ status: 401, slug: 'unauthorized', detail: `${cause}; ${forms}` })
  return { withPassword: problem(HOW + PASSWORD), withHeaders: problem(HOW) }
}

/** The answer to a key without the scope of a route. */
export function scopeProblem (scopes: readonly Scope[]): Problem {
  return {
    status: 403, slug: 'forbidden', reason: 'scope', detail: `This route requires a key with scope ${scopes.join(' or ')}`
  }
}

const BOUND_TO_ORGANIZATION: RefusedEntry = {
  cause: 'organization-mismatch',
  problem: {
    status: 403,
    slug: 'forbidden',
    reason: 'organization-mismatch',
    detail: 'This route shows all organizations, and the key is bound to one; use a key without an organization'
  }
}

/** The answer to a key with too many requests in flight. */
export const KEY_BUSY: RefusedEntry = {
  cause: 'key-busy',
  problem: {
    status: 429,
    slug: 'key-busy',
    reason: 'key-busy',
    detail: 'The key has as many requests in flight as KEY_MAX_REQUESTS allows; wait for answers before you send more',
    retryAfterSeconds: 1
  }
}

/**
 * Returns the producer of a request to a route, which came to the port, or the answer that keeps it out; a promise if a
 * JWT is verified first.
 */
export function enter (
  authenticator: Authenticator, needs: RouteNeeds, request: SentRequest, port: ApiPort
): Producer | RefusedEntry | Promise<Producer | RefusedEntry> {
  const outcome = authenticator.authenticate(request, port, needs.isOperator, needs.mayBePassword)
  return outcome instanceof Promise ? outcome.then((late) => admit(late, needs)) : admit(outcome, needs)
}

function admit (
  outcome: AuthOutcome, { scopes, isForWholeService, mayBePassword }: RouteNeeds
): Producer | RefusedEntry {
  if (typeof outcome === 'string') return { cause: outcome, problem: authProblem(outcome, mayBePassword) }
  if ('unfit' in outcome) return { cause: 'unfit-claims', problem: unfitProblem(outcome) }
  if (!scopes.some((scope) => outcome.scopes.has(scope))) return { cause: 'scope', problem: scopeProblem(scopes) }
  return isForWholeService && outcome.organizationId !== undefined ? BOUND_TO_ORGANIZATION : outcome
}

function unfitProblem ({ unfit }: UnfitClaims): Problem {
  return {
    status: 403,
    slug: 'forbidden',
    reason: 'unfit-claims',
    detail: 'The JWT is valid, but its claims give no usable rights; `errors` names them. Correct them at the provider',
    errors: unfit
  }
}

/** Tells the two outcomes of `enter` apart. */
export function isRefused (outcome: Producer | RefusedEntry): outcome is RefusedEntry {
  return 'problem' in outcome
}
