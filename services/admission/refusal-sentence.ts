import type { Refusal } from './refusal.ts'

/** Says for each reason what keeps an event out; each is true of all classes that the reason refuses. */
const CAUSES: Readonly<Record<string, string>> = {
  'queue-full': 'The queue is full',
  'queue-unavailable': 'The queue cannot be reached',
  'queue-bytes': 'Redis holds too many bytes and admits critical events first',
  'circuit-open': 'The circuit is open and admits only critical events',
  'low-priority-shed': 'The queue is long and events of low priority are refused first',
  'pre-shed': 'The queue is about to fill up and a share of the events of low priority is refused in advance',
  'process-overloaded': 'This process is overloaded and admits only critical events',
  'bodies-in-flight': 'The bodies that this process is receiving leave no room for this one',
  'spool-unavailable': 'The local disk cannot take the event',
  'too-many-streams': 'This process has as many streams open as it may; single events and arrays still get in'
}

/** Answers what keeps an event out, without a full stop; a reason that has no sentence of its own is named. */
export function causeOf (reason: string): string {
  return Object.hasOwn(CAUSES, reason) ? CAUSES[reason] as string : `The service refuses it (${reason})`
}

export interface Circumstances {
  /** The request may hold more than one event. */
  readonly isMany?: boolean
  /** Redis was reached and takes no writes. */
  readonly refusesWrites?: boolean
}

/**
 * Tells a producer why it is refused, what became of its events, and when to try again.
 */
export function refusalSentence (refusal: Refusal, { isMany = false, refusesWrites = false }: Circumstances = {}): string {
  const { reason, retryAfterSeconds, mayBeStored = false } = refusal
  const when = retryAfterSeconds === undefined ? 'Do not send it again.' : `Try again in ${retryAfterSeconds} s.`
  if (mayBeStored) {
    const events = isMany ? 'these events' : 'the event'
    return `The queue did not confirm ${events}, which may be stored or not. Try again in ${retryAfterSeconds} s, with the same id.`
  }
  const events = isMany ? 'no event of this request is stored' : 'the event is not stored'
  const cause = refusesWrites && reason === 'queue-unavailable' ? 'The queue takes no writes' : causeOf(reason)
  return `${cause}; ${events}. ${when}`
}
