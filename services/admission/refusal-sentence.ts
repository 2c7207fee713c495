import { LOWEST_PRIORITY } from './priority-class.ts'
import type { AllowedTypes, Refusal } from './refusal.ts'

/** The cause of each reason, in words that are true of all classes that the reason refuses. */
const CAUSES: Readonly<Record<string, string>> = {
  'quota-exceeded': 'The quota of the organization is used up',
  'queue-full': 'The queue is full',
  'queue-unavailable': 'The queue cannot be reached',
  'queue-bytes': 'Redis holds too many bytes and admits critical events first',
  'circuit-open': 'The circuit is open and admits only critical events',
  'delay-budget': 'The queue is as long as the delay budget of normal events allows',
  'low-priority-shed': 'The queue is long and events of low priority are refused first',
  'smooth-shed': 'The queue fills up and a share of the events, low priority first, is refused',
  'pre-shed': 'The queue is about to fill up and a share of the events of low priority is refused in advance',
  'fair-share': 'The queue fills up and the organization posts more than its fair share',
  'would-expire': 'The deadline would pass before a worker could take the event',
  'process-overloaded': 'This process is overloaded and admits only critical events',
  'bodies-in-flight': 'The bodies that this process is receiving leave no room for this one',
  'spool-unavailable': 'The local disk cannot store the event',
  'priority-ceiling': 'The key may not give this priority',
  'type-not-allowed': 'The key may not post events of this type',
  'organization-mismatch': 'The event names another organization than the key',
  'too-many-key-streams': 'The key has as many open streams as it may have',
  'too-many-streams': 'This process has reached its limit of open streams and still accepts single events and arrays'
}

/** Most types that a sentence names. */
const MOST_TYPES = 5

/** The rights that a key has instead, for the reasons that are about them. */
const INSTEAD: Readonly<Record<string, (refusal: Refusal) => string>> = {
  'priority-ceiling': ({ bestPriority }) =>
    bestPriority === undefined ? '' : `, only ${bestPriority} to ${LOWEST_PRIORITY}`,
  'type-not-allowed': ({ types }) => types === undefined ? '' : `, only ${typesText(types)}`
}

function typesText ({ named, more }: AllowedTypes): string {
  const first = named.slice(0, MOST_TYPES)
  const others = named.length - first.length + more
  const parts = others === 0 ? first : [...first, `${others} more`]
  return parts.length === 1 ? parts.join('') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}

/** Returns the cause of a refusal without a full stop; names the reason if it has no sentence of its own. */
export function causeOf (reason: string): string {
  return Object.hasOwn(CAUSES, reason) ? CAUSES[reason] as string : `The service refuses it (${reason})`
}

export interface Circumstances {
  /** The request may hold more than one event. */
  readonly isMany?: boolean
  /** Redis is reachable and refuses writes. */
  readonly refusesWrites?: boolean
  /** The circuit is not open, but the depth has reached a threshold since the last reading. */
  readonly isCircuitClosed?: boolean
}

/** Tells a producer the cause of a refusal, the fate of its events, and when to try again. */
export function refusalSentence (
  refusal: Refusal,
  { isMany = false, refusesWrites = false, isCircuitClosed = false }: Circumstances = {}
): string {
  const { reason, retryAfterSeconds, mayBeStored = false } = refusal
  const when = retryAfterSeconds === undefined ? 'Do not send it again.' : `Try again in ${retryAfterSeconds} s.`
  if (mayBeStored) {
    const events = isMany ? 'these events' : 'the event'
    return `The queue did not confirm ${events}, which may be stored or not. Try again in ${retryAfterSeconds} s, with the same id.`
  }
  const events = isMany ? 'no event of this request is stored' : 'the event is not stored'
  const instead = Object.hasOwn(INSTEAD, reason) ? INSTEAD[reason]?.(refusal) ?? '' : ''
  const cause = causeNow(reason, refusesWrites, isCircuitClosed) + instead
  return `${cause}; ${events}. ${when}`
}

function causeNow (reason: string, refusesWrites: boolean, isCircuitClosed: boolean): string {
  if (refusesWrites && reason === 'queue-unavailable') return 'Redis refuses writes'
  if (isCircuitClosed && reason === 'circuit-open') return 'The queue is too long for events that are not critical'
  return causeOf(reason)
}
