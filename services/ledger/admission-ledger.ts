import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'

/** Outcomes at admission: `duplicate` came before, `quota` is beyond one, `forbidden` is not its producer's to post. */
export const ADMISSION_OUTCOMES = ['enqueued', 'spooled', 'duplicate', 'shed', 'quota', 'forbidden', 'invalid'] as const

export type AdmissionOutcome = typeof ADMISSION_OUTCOMES[number]

/** An event that is not even valid has no class; one whose identity is another event's has. */
export type LedgerClass = PriorityClass | 'unknown'

export const LEDGER_CLASSES: readonly LedgerClass[] = [...PRIORITY_CLASSES, 'unknown']

const NOTHING_PENDING = { critical: 0, normal: 0, low: 0 } as const

/** Field of the shared ledger for what happened at admission in all processes. */
export const admissionField = (counted: AdmissionOutcome | 'received' | 'rebased', ledgerClass: LedgerClass): string =>
  `admission:${counted}:${ledgerClass}`

/** Before the reason of refusals, in the fields of the shared ledger. */
export const REFUSED = 'refused:'

type Tally = Record<LedgerClass, number>

const newTally = (): Tally => ({ critical: 0, normal: 0, low: 0, unknown: 0 })

/**
 * Counts at admission in this process: every event that came, what became of it, and which are in progress in between. Each is
 * counted where it happens and by who knows it, so an event that is forgotten or answered twice shows:
 *
 *   received - pending = enqueued + spooled + duplicate + shed + quota + forbidden + invalid
 *
 * An event adds one to a number; the fields of the shared ledger are made when they are handed over.
 */
export class AdmissionLedger {
  #pending: () => Readonly<Record<PriorityClass, number>> = () => NOTHING_PENDING
  readonly #received = newTally()
  readonly #reported = newTally()
  readonly #outcomes = Object.fromEntries(ADMISSION_OUTCOMES.map((outcome) => [outcome, newTally()])) as Record<AdmissionOutcome, Tally>

  readonly #refused = new Map<string, Record<PriorityClass, number>>()
  readonly #refusedReported = new Map<string, number>()

  /** @param pending tells how many events somebody between admission and the answer has in hand, by class */
  watch (pending: () => Readonly<Record<PriorityClass, number>>): void {
    this.#pending = pending
  }

  /** An event came. */
  receive (ledgerClass: LedgerClass): void {
    this.#received[ledgerClass]++
  }

  /** It is known what became of an event. */
  settle (outcome: AdmissionOutcome, ledgerClass: LedgerClass): void {
    this.#outcomes[outcome][ledgerClass]++
  }

  /** Why an event was refused, or would have been in observe mode. Reasons are names of policies, of which there are few. */
  recordRefused (reason: string, eventClass: PriorityClass): void {
    let refused = this.#refused.get(reason)
    if (refused === undefined) this.#refused.set(reason, refused = { critical: 0, normal: 0, low: 0 })
    refused[eventClass]++
  }

  /** Refusals since the start, by reason and class. */
  get refused (): ReadonlyMap<string, Readonly<Record<PriorityClass, number>>> { return this.#refused }

  /**
   * Hands over the counts since the last time, by field of the shared ledger, without events in progress: a process
   * that is killed leaves no half of a booking.
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
