import type { QueuedEvent } from '../event/event.ts'
import { eventJson, withoutPlainText } from '../event/event-json.ts'
import { memberText, withMember } from '../event/json-text.ts'

/**
 * The reasons for a dead letter: the attempts ran out, the consumer refused the event for good, or its batch stopped
 * several workers.
 */
export const DEAD_REASONS = ['attempts-exhausted', 'refused', 'batch-failed'] as const

export type DeadReason = (typeof DEAD_REASONS)[number]

/** An event that could not be handled, with the reason, as the store receives it. */
export interface DeadLetter {
  readonly event: QueuedEvent
  readonly reason: DeadReason
  /** The error in the words of the code that detected it. */
  readonly error: string
  /** The number of its attempts. */
  readonly attempts: number
}

/** A stored dead letter. The clock of Redis gives its time of death. */
export interface StoredDeadLetter extends DeadLetter {
  readonly id: string
  /** RFC 3339. */
  readonly diedAt: string
  /** RFC 3339, the time at which the API accepted the event. */
  readonly receivedAt: string
}

/** Selects dead letters; an absent field selects all. The times are milliseconds of the epoch, both inclusive. */
export interface DeadLetterFilter {
  readonly type?: string
  readonly organizationId?: string
  readonly reason?: DeadReason
  readonly from?: number
  readonly to?: number
}

/** Narrows a filter to an organization; undefined if it selects another one, and so nothing. */
export function narrowed (filter: DeadLetterFilter, within: string | undefined): DeadLetterFilter | undefined {
  if (within === undefined) return filter
  return (filter.organizationId ?? within) === within ? { ...filter, organizationId: within } : undefined
}

/** A page of dead letters, and where the next one begins if there may be more. */
export interface DeadLetterPage {
  readonly deadLetters: readonly StoredDeadLetter[]
  /** A score; undefined at the end. */
  readonly next: string | undefined
}

/** The facts of a dead letter that receipts contain. */
export type DeadLetterBrief = Pick<StoredDeadLetter, 'id' | 'reason' | 'attempts' | 'diedAt'> & {
  readonly event: Pick<QueuedEvent, 'id' | 'type' | 'organizationId'>
}

/** The fate of a dead letter: kept, deleted by an operator, or moved into the queue, where its event has this place. */
export type DeadLetterFate =
  | { readonly status: 'kept', readonly deadLetter: DeadLetterBrief }
  | { readonly status: 'moved', readonly place: string, readonly eventId: string, readonly organizationId: string }
  /** Times are RFC 3339. */
  | { readonly status: 'deleted', readonly diedAt: string, readonly deletedAt: string }

/**
 * A dead letter as JSON, answered and, with a checksum, stored; the payload keeps the text in which it was posted.
 */
export function deadLetterJson ({ event, ...rest }: DeadLetter): string {
  return withMember(JSON.stringify(rest), 'event', eventJson(event))
}

/** Returns the facts of a dead letter for receipts as JSON, which is stored beside a large dead letter. */
export function deadLetterBrief ({ event: { id, type, organizationId }, reason, attempts }: DeadLetter): string {
  return JSON.stringify({ event: { id, type, organizationId }, reason, attempts })
}

/** A payload of at least this many characters stays text. */
const LONG_PAYLOAD = 1_024

/** The text after the payload of a dead letter: the end of its event, and its own. */
const AFTER_PAYLOAD = '}}'

/**
 * Reads the output of deadLetterJson. A long payload stays text and its value undefined: parsing a page of them takes a
 * quarter of a second.
 */
export function parseDeadLetter (text: string): DeadLetter {
  const payloadText = memberText(memberText(text, 'event') ?? '', 'payload')
  if (payloadText !== undefined && payloadText.length >= LONG_PAYLOAD && text.endsWith(payloadText + AFTER_PAYLOAD)) {
    const before = text.slice(0, -payloadText.length - AFTER_PAYLOAD.length)
    const deadLetter = JSON.parse(`${before}null${AFTER_PAYLOAD}`) as DeadLetter
    Object.assign(deadLetter.event, { payload: undefined, payloadText })
    return deadLetter
  }
  const deadLetter = JSON.parse(text) as DeadLetter
  if (payloadText !== undefined) withoutPlainText(Object.assign(deadLetter.event, { payloadText }))
  return deadLetter
}
