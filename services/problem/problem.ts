import { STATUS_CODES } from 'node:http'
import type { FieldError } from '../event/field-error.ts'

/** RFC 9457 problem details; further members stand beside the fixed ones. */
export interface Problem {
  readonly status: number
  /** The end of the type, unless `type` is a registered one. */
  readonly slug?: string
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
