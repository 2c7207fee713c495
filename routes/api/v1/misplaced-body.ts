import type { FastifyRequest } from 'fastify'
import type { Intake } from '../../../services/intake/event-intake.ts'

/** The answers of a route of one event to a body that is an array, or nothing: only a route knows where to post it. */
export interface MisplacedBody {
  readonly array: Intake
  readonly empty: Intake
}

/** An intake that refuses a body as a whole. */
export function refusedBody (message: string): Intake {
  return { ok: false, errors: [{ field: '', message }] }
}

/** Answers for a body that is not one value to look into; undefined for every other. */
export function misplaced ({ body, bodyText }: FastifyRequest, { array, empty }: MisplacedBody): Intake | undefined {
  if (Array.isArray(body)) return array
  return bodyText === '' ? empty : undefined
}
