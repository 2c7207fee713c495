import { STATUS_CODES } from 'node:http'
import type { FieldError } from '../event/field-error.ts'

/** The ends of the types of Spillway's own problems; docs/ERRORS.md says what each means and how to go on. */
export const PROBLEM_SLUGS = [
  'aborted', 'body-timeout', 'body-too-large', 'chunks-too-small', 'compressed-too-much', 'cross-site',
  'durability-unsupported', 'forbidden', 'foreign-host', 'former-secret-counts', 'identity-conflict', 'in-flight',
  'internal-error', 'invalid-body', 'invalid-event', 'invalid-query', 'invalid-request', 'invalid-settings', 'key-busy',
  'key-contended', 'key-from-file', 'keys-unavailable', 'method-not-allowed', 'not-decodable', 'not-found',
  'origin-not-allowed', 'process-overloaded', 'queue-unavailable', 'replay-over', 'settings-changed',
  'settings-contended', 'stopping', 'too-many-dashboards', 'too-many-events', 'too-many-key-streams', 'too-many-keys',
  'too-many-replays', 'too-many-streams', 'too-many-verifications', 'unauthorized', 'unknown-version',
  'unsupported-media-type', 'workers-unknown'
] as const

export type ProblemSlug = (typeof PROBLEM_SLUGS)[number]

/** RFC 9457 problem details; further members stand beside the fixed ones. */
export interface Problem {
  readonly status: number
  /** The end of the type, unless `type` is a registered one. */
  readonly slug?: ProblemSlug
  readonly type?: string
  readonly detail?: string
  readonly errors?: readonly FieldError[]
  readonly [member: string]: unknown
}

export const PROBLEM_CONTENT_TYPE = 'application/problem+json; charset=utf-8'

/** The members of a problem in the order of an answer. */
export function problemMembers ({ status, slug, type = `urn:spillway:problem:${slug}`, ...members }: Problem) {
  return { type, title: STATUS_CODES[status], status, ...members }
}

/** Serializes without the response schema of the route, which would remove unknown members. */
export function problemJson (problem: Problem): string {
  return JSON.stringify(problemMembers(problem))
}
