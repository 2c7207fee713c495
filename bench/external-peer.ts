import type { LoadRequest } from '../rig/load/request.ts'
import type { Subject } from './subject/subject.ts'

/** The export of a file of bench/external-peers/: a program outside of Node.js. */
export interface ExternalPeer {
  readonly subject: Subject
  /** Events in the form that it accepts. */
  readonly requests: readonly LoadRequest[]
}

export const EXTERNAL_PEER_SHAPE = 'an ExternalPeer: { subject, requests }'

export function isExternalPeer (candidate: unknown): candidate is ExternalPeer {
  const { subject, requests } = (candidate ?? {}) as Partial<ExternalPeer>
  return typeof subject?.start === 'function' && Array.isArray(requests) && requests.length > 0
}
