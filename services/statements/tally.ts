import { ADMISSION_OUTCOMES } from '../ledger/admission-ledger.ts'

/** The fates of events in the queue. */
const QUEUE_FIELDS = [
  /** Put into the queue without a request: from the spool, as replayed dead letters, by rules. */
  'returned',
  'done', 'deadLettered', 'expired',
  /** Corrects the events in the queue while the queue is empty; see level-statements.lua. */
  'adjusted'
] as const

/** The counts of a statement. Redis has them in this order; a new one makes Redis begin all statements again. */
export const TALLY_FIELDS = [
  ...ADMISSION_OUTCOMES,
  /** The part of `shed` that the fair share of the organization cost. */
  'overShare',
  ...QUEUE_FIELDS
] as const

export type TallyField = (typeof TALLY_FIELDS)[number]

/** Counts in events, by the index of their field. */
export type Tally = Float64Array

export const FIELD_INDEX = Object.fromEntries(
  TALLY_FIELDS.map((field, index) => [field, index])
) as Readonly<Record<TallyField, number>>

export function newTally (): Tally {
  return new Float64Array(TALLY_FIELDS.length)
}

/** Events that a producer posted. Each has one outcome, so their outcomes add up to them. */
export function receivedIn (tally: ArrayLike<number>): number {
  let received = 0
  for (let index = 0; index < ADMISSION_OUTCOMES.length; index++) received += tally[index] as number
  return received
}

/** Adds the counts of a tally to another one, and sets them to zero. */
export function moveTally (from: Tally, to: Tally): void {
  for (let index = 0; index < from.length; index++) to[index]! += from[index] as number
  from.fill(0)
}

export function isEmptyTally (tally: Tally): boolean {
  return tally.every((events) => events === 0)
}
