import type { LoadRequest } from '../rig/load/request.ts'
import type { Subject } from './subject/subject.ts'

/** The export of a file of bench/neighbours/: a program that is not of the Node.js world. */
export interface Neighbour {
  readonly subject: Subject
  /** Events in the form that it takes. */
  readonly requests: readonly LoadRequest[]
}

export const NEIGHBOUR_SHAPE = 'a Neighbour: { subject, requests }'

export function isNeighbour (candidate: unknown): candidate is Neighbour {
  const { subject, requests } = (candidate ?? {}) as Partial<Neighbour>
  return typeof subject?.start === 'function' && Array.isArray(requests) && requests.length > 0
}
