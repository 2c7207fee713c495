import { HIGHEST_PRIORITY, LOWEST_PRIORITY, PRIORITY_CLASSES, priorityClass, type PriorityClass } from '../admission/priority-class.ts'
import { ADMISSION_OUTCOMES, LEDGER_CLASSES, admissionField, type AdmissionOutcome, type LedgerClass } from './admission-ledger.ts'

/** The bookings at admission in all processes, by class. */
export type AdmissionBalance = Record<LedgerClass, Record<AdmissionOutcome | 'received' | 'rebased', number>>

/** The bookings in the queue, by class: `enqueued + repeated = done + deadLettered + pending + rebased`. */
export interface QueueBalance {
  /** Put into the queue: at admission, out of the spool, and dead letters that are replayed. */
  readonly enqueued: number
  /** In the queue a second time, because a worker died after it had put them back. */
  readonly repeated: number
  readonly done: number
  readonly deadLettered: number
  /** Waiting, active, or waiting for their next attempt. */
  readonly pending: number
  /** Written off by an operator. */
  readonly rebased: number
}

/** Field of the shared ledger for how often a difference was written off. */
export const REBASES_FIELD = 'rebases'

/** Amounts by field, as readings carry them. */
type Booked = Readonly<Record<string, number>>

/** Sums up admissions. */
export function admissionBalance (booked: Booked): AdmissionBalance {
  const counted = ['received', ...ADMISSION_OUTCOMES, 'rebased'] as const
  return Object.fromEntries(LEDGER_CLASSES.map((ledgerClass) => [
    ledgerClass, Object.fromEntries(counted.map((name) => [name, booked[admissionField(name, ledgerClass)] ?? 0]))
  ])) as AdmissionBalance
}

/**
 * Sums up the queue. Corrections of a recount count as `pending` alone: events that left the queue another way than
 * Spillway's have to show.
 */
export function queueBalance (booked: Booked): Record<PriorityClass, QueueBalance> {
  const sums = Object.fromEntries(
    PRIORITY_CLASSES.map((name) => [
      name,
      { enqueued: 0, repeated: 0, done: 0, deadLettered: 0, pending: 0, rebased: 0 }
    ])
  ) as Record<PriorityClass, { -readonly [Field in keyof QueueBalance]: QueueBalance[Field] }>
  for (let priority = HIGHEST_PRIORITY; priority <= LOWEST_PRIORITY; priority++) {
    const of = (field: string) => booked[`${field}:${priority}`] ?? 0
    const sum = sums[priorityClass(priority)]
    sum.enqueued += of('enqueued')
    sum.repeated += of('repeated')
    sum.done += of('done')
    sum.deadLettered += of('dead')
    sum.pending += of('enqueued') + of('requeued') + of('adjusted') - of('settled') - of('moving')
    sum.rebased += of('rebased')
  }
  return sums
}

/** By how many events either side does not add up; both are 0 when all is well. */
export function imbalance (booked: Booked): { admission: number, queue: number } {
  const admission = sumOf(admissionBalance(booked), admissionDifference)
  const queue = sumOf(
    queueBalance(booked),
    ({ enqueued, repeated, done, deadLettered, pending, rebased }) =>
      enqueued + repeated - done - deadLettered - pending - rebased
  )
  return { admission, queue }
}

/** Lists the bookings, by field, that make both sides add up again. */
export function differences (booked: Booked): Record<string, number> {
  const off: [field: string, events: number][] = Object.entries(admissionBalance(booked)).map(([name, balance]) => [
    admissionField('rebased', name as LedgerClass), admissionDifference(balance)
  ])
  for (let priority = HIGHEST_PRIORITY; priority <= LOWEST_PRIORITY; priority++) {
    const of = (field: string) => booked[`${field}:${priority}`] ?? 0
    off.push([
      `rebased:${priority}`,
      of('repeated') -
        of('done') -
        of('dead') -
        of('requeued') -
        of('adjusted') +
        of('settled') +
        of('moving') -
        of('rebased')
    ])
  }
  return Object.fromEntries(off.filter(([, events]) => events !== 0))
}

function admissionDifference ({ received, ...outcomes }: AdmissionBalance[LedgerClass]): number {
  return received - Object.values(outcomes).reduce((sum, events) => sum + events, 0)
}

function sumOf<Balance> (balances: Readonly<Record<string, Balance>>, difference: (balance: Balance) => number): number {
  return Object.values(balances).reduce((off, balance) => off + Math.abs(difference(balance)), 0)
}
