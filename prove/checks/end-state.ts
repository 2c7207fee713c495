import type { Status } from '../watch/status.ts'

/** The counts of the proof. */
export interface Counted {
  /** Events that reached the consumer. */
  readonly handled: number
  /** Arrivals of all events. */
  readonly arrivals: number
  /** Promised events whose deadlines passed before they arrived. */
  readonly expired: number
  /** Events of batches that a fault damaged in the queue. */
  readonly damaged: number
  /** Events whose end Spillway may not have booked: a fault destroyed their record, perhaps after they had arrived. */
  readonly unbooked: number
}

/**
 * Checks the ledger at the end: both sides balance, except for damaged events, and they agree with the consumer.
 */
export function ledgerProblems (
  status: Status | undefined, { handled, arrivals, expired, damaged, unbooked }: Counted
): string[] {
  if (status === undefined) return ['the API did not say what is in its ledger']
  const { imbalance, done, expired: booked } = status
  const sides = Object.entries(imbalance)
  // If the answer of the consumer is lost and the deadline passes before the next attempt, a taken event is expired.
  const takenAndExpired = Math.max(0, booked - expired)
  return [
    ...sides.length === 2 ? [] : [`the ledger has ${sides.length} sides`],
    ...sides.flatMap(([side, events]) => {
      const expected = side === 'queue' ? damaged : 0
      return events === expected ? [] : [`the ${side} side is off by ${events}, and should be by ${expected}`]
    }),
    ...(done + takenAndExpired + unbooked >= handled && done <= arrivals
      ? []
      : [`${done} events booked as done, the consumer took ${handled}, ${arrivals} times`]),
    ...booked + unbooked >= expired ? [] : [`${expired} events came to their deadlines and are gone, ${booked} are booked as expired`]
  ]
}

/** Checks the circuits at the end: with an empty queue each of them has closed. */
export function circuitProblems (states: readonly (string | undefined)[]): string[] {
  return states.flatMap((state, index) =>
    state === 'CLOSED' ? [] : [`the circuit of API ${index + 1} is ${state ?? 'unknown'} with an empty queue`]
  )
}

/** A dead letter as Spillway lists it, with the number of its event if it is known. */
export interface ListedDeadLetter {
  readonly sequence: number | undefined
  readonly reason: string
}

/**
 * Checks the dead letters at the end: they are exactly the events that the consumer refused for good and that were not
 * replayed.
 *
 * @param refused whether the consumer refused an event for good
 * @param expected numbers of the events that must be dead letters
 * @param lapsed if the refusal of an event with a deadline is lost, and the deadline passes before the next attempt, the
 *   event is expired: at most as many of them as the ledger has beyond those that never reached the consumer
 */
export function deadLetterProblems (
  deadLetters: readonly ListedDeadLetter[], refused: (sequence: number) => boolean, expected: ReadonlySet<number>,
  lapsed: { hasDeadline: (sequence: number) => boolean, expired: number } = { hasDeadline: () => false, expired: 0 }
): string[] {
  const listed = new Set(deadLetters.map(({ sequence }) => sequence))
  const missing = [...expected].filter((sequence) => !listed.has(sequence))
  const expired = new Set(missing.filter(lapsed.hasDeadline).slice(0, lapsed.expired))
  return [
    ...deadLetters.flatMap(({ sequence, reason }) =>
      sequence !== undefined && refused(sequence)
        ? []
        : [`event ${sequence ?? '?'} is a dead letter (${reason}) that nobody caused`]
    ),
    ...missing.flatMap((sequence) =>
      expired.has(sequence) ? [] : [`event ${sequence} was refused for good and is no dead letter`]
    )
  ]
}
