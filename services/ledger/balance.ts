import { PRIORITY_CLASSES, priorityClass, type PriorityClass } from '../backpressure/priority-class.ts'
import { DOOR_OUTCOMES, LEDGER_CLASSES, doorField, type DoorOutcome, type LedgerClass } from './door-ledger.ts'

/** What was booked at the doors of all processes, by class. */
export type DoorBalance = Record<LedgerClass, Record<DoorOutcome | 'received', number>>

/** What was booked behind the door, by class: `enqueued + repeated = done + deadLettered + pending`. */
export interface QueueBalance {
  /** Put into the queue: at the door, out of the spool, and dead letters that are replayed. */
  readonly enqueued: number
  /** In the queue a second time, because a worker died after it had put them back. */
  readonly repeated: number
  readonly done: number
  readonly deadLettered: number
  /** Waiting, active, or waiting for their next attempt. */
  readonly pending: number
}

/** Amounts by field, as readings carry them. */
type Booked = Readonly<Record<string, number>>

const HIGHEST = 1
const LOWEST = 10

/** Sums up the doors. */
export function doorBalance (booked: Booked): DoorBalance {
  const counted = ['received', ...DOOR_OUTCOMES] as const
  return Object.fromEntries(LEDGER_CLASSES.map((ledgerClass) => [
    ledgerClass, Object.fromEntries(counted.map((name) => [name, booked[doorField(name, ledgerClass)] ?? 0]))
  ])) as DoorBalance
}

/**
 * Sums up the queue. What a recount corrected is in `pending`, since the jobs say so, and on no other side: events that left
 * the queue by another way than Spillway's are what the balance has to show.
 */
export function queueBalance (booked: Booked): Record<PriorityClass, QueueBalance> {
  const sums = Object.fromEntries(PRIORITY_CLASSES.map((name) => [name, { enqueued: 0, repeated: 0, done: 0, deadLettered: 0, pending: 0 }])) as
    Record<PriorityClass, { -readonly [Field in keyof QueueBalance]: QueueBalance[Field] }>
  for (let priority = HIGHEST; priority <= LOWEST; priority++) {
    const of = (field: string) => booked[`${field}:${priority}`] ?? 0
    const sum = sums[priorityClass(priority)]
    sum.enqueued += of('enqueued')
    sum.repeated += of('repeated')
    sum.done += of('done')
    sum.deadLettered += of('dead')
    sum.pending += of('enqueued') + of('requeued') + of('adjusted') - of('settled') - of('moving')
  }
  return sums
}

/** By how many events either side does not add up; both are 0 when all is well. */
export function imbalance (booked: Booked): { door: number, queue: number } {
  const door = Object.values(doorBalance(booked)).reduce((off, { received, ...outcomes }) =>
    off + Math.abs(received - Object.values(outcomes).reduce((sum, events) => sum + events, 0)), 0)
  const queue = Object.values(queueBalance(booked)).reduce((off, { enqueued, repeated, done, deadLettered, pending }) =>
    off + Math.abs(enqueued + repeated - done - deadLettered - pending), 0)
  return { door, queue }
}
