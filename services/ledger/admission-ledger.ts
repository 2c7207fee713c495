import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'

/**
 * Outcomes at admission: `duplicate` repeats an event, `wouldExpire` has a deadline that would pass in the queue, `quota`
 * exceeds one, `forbidden` is an event that its producer may not post, `sampled` was left out of the sample that is kept
 * under pressure.
 */
export const ADMISSION_OUTCOMES = [
  'enqueued', 'spooled', 'duplicate', 'shed', 'wouldExpire', 'quota', 'forbidden', 'invalid', 'sampled'
] as const

export type AdmissionOutcome = typeof ADMISSION_OUTCOMES[number]

/** An invalid event has no class; one with the identity of another event has. */
export type LedgerClass = PriorityClass | 'unknown'

export const LEDGER_CLASSES: readonly LedgerClass[] = [...PRIORITY_CLASSES, 'unknown']

const NOTHING_PENDING = { critical: 0, normal: 0, low: 0 } as const

/** Returns the field of the shared ledger for an outcome at admission in all processes. */
export const admissionField = (counted: AdmissionOutcome | 'received' | 'rebased', ledgerClass: LedgerClass): string =>
  `admission:${counted}:${ledgerClass}`

/** Prefix of the reason of refusals in the fields of the shared ledger. */
export const REFUSED = 'refused:'

type Tally = Record<LedgerClass, number>

const newTally = (): Tally => ({ critical: 0, normal: 0, low: 0, unknown: 0 })

/**
 * Counts at admission in this process: every event that arrived, its outcome, and the events in progress. Each count is
 * made where it happens, so a forgotten or twice answered event shows:
 *
 *   received - pending = enqueued + spooled + duplicate + shed + wouldExpire + quota + forbidden +
 *                        invalid + sampled
 *
 * An event adds one to a number; the fields of the shared ledger are created when the counts are handed over.
 */
export class AdmissionLedger {
  #pending: () => Readonly<Record<PriorityClass, number>> = () => NOTHING_PENDING
  readonly #received = newTally()
  readonly #reported = newTally()
  readonly #outcomes = Object.fromEntries(ADMISSION_OUTCOMES.map((outcome) => [outcome, newTally()])) as Record<
    AdmissionOutcome,
    Tally
  >

  readonly #refused = new Map<string, Record<PriorityClass, number>>()
  readonly #refusedReported = new Map<string, number>()

  /** @param pending returns the number of events between admission and the answer, by class */
  watch (pending: () => Readonly<Record<PriorityClass, number>>): void {
    this.#pending = pending
  }

  /** Counts an event that arrived. */
  receive (ledgerClass: LedgerClass): void {
    this.#received[ledgerClass]++
  }

  /** Counts the outcome of an event. */
  settle (outcome: AdmissionOutcome, ledgerClass: LedgerClass): void {
    this.#outcomes[outcome][ledgerClass]++
  }

  /**
   * Counts the reason for which an event was refused, or would have been in observe mode. Reasons are names of
   * policies, so there are few.
   */
  recordRefused (reason: string, eventClass: PriorityClass): void {
    let refused = this.#refused.get(reason)
    if (refused === undefined) this.#refused.set(reason, refused = { critical: 0, normal: 0, low: 0 })
    refused[eventClass]++
  }

  /** Refusals since the start, by reason and class. */
  get refused (): ReadonlyMap<string, Readonly<Record<PriorityClass, number>>> { return this.#refused }

  /**
   * Returns the counts since the last call by field of the shared ledger, without events in progress: a killed process
   * leaves no half of a booking.
   */
  take (): Record<string, number> {
    const counts: Record<string, number> = {}
    const pending: Partial<Tally> = this.#pending()
    for (const ledgerClass of LEDGER_CLASSES) {
      for (const outcome of ADMISSION_OUTCOMES) {
        const settled = this.#outcomes[outcome][ledgerClass]
        if (settled !== 0) counts[admissionField(outcome, ledgerClass)] = settled
        this.#outcomes[outcome][ledgerClass] = 0
      }
      const known = this.#received[ledgerClass] - (pending[ledgerClass] ?? 0)
      const since = known - this.#reported[ledgerClass]
      if (since !== 0) counts[admissionField('received', ledgerClass)] = since
      this.#reported[ledgerClass] = known
    }
    for (const [reason, { critical, normal, low }] of this.#refused) {
      const refused = critical + normal + low
      const since = refused - (this.#refusedReported.get(reason) ?? 0)
      if (since !== 0) counts[`${REFUSED}${reason}`] = since
      this.#refusedReported.set(reason, refused)
    }
    return counts
  }
}
