import type { FastifyRequest } from 'fastify'
import type { Intake } from '../../../services/intake/event-intake.ts'

/** The answers of a route for one event to an array and to an empty body. Each route names the right place to post. */
export interface MisplacedBody {
  readonly array: Intake
  readonly empty: Intake
}

/** An intake that refuses a body as a whole. */
export function refusedBody (message: string): Intake {
  return { ok: false, errors: [{ field: '', message }] }
}

/** Returns the answer to an array or an empty body; undefined for every other body. */
export function misplaced ({ body, bodyText }: FastifyRequest, { array, empty }: MisplacedBody): Intake | undefined {
  if (Array.isArray(body)) return array
  return bodyText === '' ? empty : undefined
}
