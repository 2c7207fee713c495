import { UNLIMITED, type Rights } from '../admission/rights.ts'
import type { Stamp } from './stamp.ts'

/** Rights of a key: to post events, to read what is stored and measured, and to operate the service. */
export const SCOPES = ['ingest', 'read', 'admin'] as const

export type Scope = (typeof SCOPES)[number]

/** The sender of a request: the holder of a key, a JWT or ADMIN_TOKEN, or anybody while no key is required. */
export interface Producer extends Rights {
  /** Names it in the log. */
  readonly name: string
  readonly scopes: ReadonlySet<Scope>
  /** Whether it presents a key or a JWT, of which bounds on concurrency count the requests. */
  readonly isKey: boolean
  /** The marks of its events; undefined for a producer without a key. */
  readonly stamp: Stamp | undefined
  /** The issuer of the token of a producer that presented one. */
  readonly issuer?: string
}

/** Whether a producer is the same as before, and has at least the rights that it had. */
export function covers (now: Producer, before: Producer): boolean {
  return now.id === before.id && now.organizationId === before.organizationId &&
    now.bestPriority <= before.bestPriority &&
    isSubset(before.scopes, now.scopes) &&
    (now.types === undefined || (before.types !== undefined && isSubset(before.types, now.types)))
}

function isSubset<Member> (part: ReadonlySet<Member>, whole: ReadonlySet<Member>): boolean {
  return [...part].every((member) => whole.has(member))
}

/** The producer of a request without a key, in a service that requires none. */
export const ANONYMOUS: Producer = Object.freeze({
  ...UNLIMITED, name: 'anonymous', scopes: new Set<Scope>(SCOPES), isKey: false, stamp: undefined
})

/** The holder of ADMIN_TOKEN. It operates the service, sees all organizations, and posts no events. */
export const TOKEN_HOLDER: Producer = Object.freeze({
  ...UNLIMITED, id: 'admin-token', name: 'ADMIN_TOKEN', scopes: new Set<Scope>(['read', 'admin']), isKey: false, stamp: undefined
})
