import { PRIORITY_CLASSES, priorityClass, type PriorityClass } from '../backpressure/priority-class.ts'

/**
 * What may become of an event at the door. `duplicate` is one that came before, `quota` one beyond the share of its
 * organization (nothing sets quotas yet).
 */
export const DOOR_OUTCOMES = ['enqueued', 'spooled', 'duplicate', 'shed', 'quota', 'invalid'] as const

export type DoorOutcome = typeof DOOR_OUTCOMES[number]

/** An event that is not even valid has no class. */
export type LedgerClass = PriorityClass | 'unknown'

export const LEDGER_CLASSES: readonly LedgerClass[] = [...PRIORITY_CLASSES, 'unknown']

const NOTHING_PENDING = { critical: 0, normal: 0, low: 0 } as const

/** Field of the shared ledger for what happened at the doors of all processes. */
export const doorField = (counted: DoorOutcome | 'received', ledgerClass: LedgerClass): string => `door:${counted}:${ledgerClass}`

/**
 * Counts at the door of this process: every event that came, what became of it, and which are under way in between. Each is
 * counted where it happens and by who knows it, so an event that is forgotten or answered twice shows:
 *
 *   received - pending = enqueued + spooled + duplicate + shed + quota + invalid
 */
export class DoorLedger {
  #pending: () => Readonly<Record<PriorityClass, number>> = () => NOTHING_PENDING
  readonly #received = new Map<LedgerClass, number>()
  readonly #reported = new Map<LedgerClass, number>()
  #outcomes: Record<string, number> = {}

  /** @param pending tells how many events somebody between the door and the answer has in hand, by class */
  watch (pending: () => Readonly<Record<PriorityClass, number>>): void {
    this.#pending = pending
  }

  /** An event came; one that is not valid has no priority. */
  receive (priority?: number): void {
    const ledgerClass = classOf(priority)
    this.#received.set(ledgerClass, (this.#received.get(ledgerClass) ?? 0) + 1)
  }

  /** It is known what became of an event. */
  settle (outcome: DoorOutcome, priority?: number): void {
    const field = doorField(outcome, classOf(priority))
    this.#outcomes[field] = (this.#outcomes[field] ?? 0) + 1
  }

  /**
   * Hands over, by field of the shared ledger, what was counted since the last time. An event that is still under way stays
   * out of it, so a process that is killed leaves no half of a booking behind.
   */
  take (): Record<string, number> {
    const counts = this.#outcomes
    this.#outcomes = {}
    const pending: Partial<Record<LedgerClass, number>> = this.#pending()
    for (const [ledgerClass, received] of this.#received) {
      const known = received - (pending[ledgerClass] ?? 0)
      const since = known - (this.#reported.get(ledgerClass) ?? 0)
      if (since !== 0) counts[doorField('received', ledgerClass)] = since
      this.#reported.set(ledgerClass, known)
    }
    return counts
  }
}

function classOf (priority: number | undefined): LedgerClass {
  return priority === undefined ? 'unknown' : priorityClass(priority)
}
