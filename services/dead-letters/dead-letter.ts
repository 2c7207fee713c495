import type { QueuedEvent } from '../event/event.ts'
import { eventJson, withoutPlainText } from '../event/event-json.ts'
import { memberText, withMember } from '../event/json-text.ts'

/** Why an event became a dead letter: its attempts ran out, it was refused for good, or its batch took workers down again and again. */
export const DEAD_REASONS = ['attempts-exhausted', 'refused', 'batch-failed'] as const

export type DeadReason = (typeof DEAD_REASONS)[number]

/** An event that could not be handled, with what is known about why, as it is handed to the store. */
export interface DeadLetter {
  readonly event: QueuedEvent
  readonly reason: DeadReason
  /** The error in the words of whoever found out. */
  readonly error: string
  /** How many times it was tried. */
  readonly attempts: number
}

/** A dead letter as it is kept. The clock of Redis gives the time of its death. */
export interface StoredDeadLetter extends DeadLetter {
  readonly id: string
  /** RFC 3339. */
  readonly diedAt: string
  /** RFC 3339, when the API took the event in. */
  readonly receivedAt: string
}

/** Selects dead letters; an absent field selects all. Both ends of the time are included, milliseconds of the epoch. */
export interface DeadLetterFilter {
  readonly type?: string
  readonly organizationId?: string
  readonly reason?: DeadReason
  readonly from?: number
  readonly to?: number
}

/** A page of dead letters, and where the next one begins if there may be more. */
export interface DeadLetterPage {
  readonly deadLetters: readonly StoredDeadLetter[]
  /** A score; undefined at the end. */
  readonly next: string | undefined
}

/** The facts of a dead letter that receipts tell. */
export type DeadLetterBrief = Pick<StoredDeadLetter, 'id' | 'reason' | 'attempts' | 'diedAt'> & {
  readonly event: Pick<QueuedEvent, 'id' | 'type'>
}

/** The fate of a dead letter: kept, deleted by an operator, or moved, its event being in the queue at that place. */
export type DeadLetterFate =
  | { readonly status: 'kept', readonly deadLetter: DeadLetterBrief }
  | { readonly status: 'moved', readonly place: string, readonly eventId: string }
  /** Times are RFC 3339. */
  | { readonly status: 'deleted', readonly diedAt: string, readonly deletedAt: string }

/** How many dead letters there are, and how many ever left. */
export interface DeadLetterFigures {
  readonly kept: number
  /** Memory that they take; dead letters that an older version stored are not counted. */
  readonly bytes: number
  readonly discarded: number
  readonly replayed: number
}

/** A dead letter as JSON, stored and answered; the payload keeps the text in which it was posted. */
export function deadLetterJson ({ event, ...rest }: DeadLetter): string {
  return withMember(JSON.stringify(rest), 'event', eventJson(event))
}

/** The facts of a dead letter that receipts tell, as JSON, to be stored beside a large one. */
export function deadLetterBrief ({ event: { id, type }, reason, attempts }: DeadLetter): string {
  return JSON.stringify({ event: { id, type }, reason, attempts })
}

/** Characters of a payload from which it is left in its text. */
const LONG_PAYLOAD = 1_024

/** The text after the payload of a dead letter: the end of its event, and its own. */
const AFTER_PAYLOAD = '}}'

/**
 * Reads what deadLetterJson wrote. A long payload stays text, its value undefined: to parse a page of them takes a
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
