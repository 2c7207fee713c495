/*
 * The ledger counts events of all processes in one Redis hash. BullMQ counts jobs; depth is asked for in events. Each
 * booking of the queue happens in the same atomic step as the move of the job that it books, so the ledger and the jobs
 * cannot come apart when a process or Redis is killed:
 *
 *   outstanding = enqueued + requeued + adjusted - settled        depth = outstanding - delayed (retries not yet due)
 *
 * An event that is put back is in two jobs until the batch it leaves is settled (`moving`), and a batch that two
 * workers ran because one of them died may have put more events back than it held (`repeated`). Hence the law that has
 * to hold at any moment:
 *
 *   enqueued + repeated = done + dead + pending + rebased         pending = outstanding - moving
 *
 * `rebased` is what an operator has written off, with a reason. The law of admission is in admission-ledger.ts.
 */
import { PRIORITY_SLOTS } from '../admission/priority-class.ts'
import {
  ADMISSION_OUTCOMES, LEDGER_CLASSES, REFUSED, admissionField, type AdmissionOutcome, type LedgerClass
} from './admission-ledger.ts'

const QUEUE_BOOKINGS = [
  'enqueued', 'requeued', 'adjusted', 'settled', 'done', 'dead', 'moving', 'repeated', 'rebased'
] as const
const ADMISSION_BOOKINGS = ['received', ...ADMISSION_OUTCOMES, 'rebased'] as const

export type QueueBooking = typeof QUEUE_BOOKINGS[number]

/** Field for how often a difference was written off. */
const REBASES_FIELD = 'rebases'

/** All that was ever booked, in events. */
export interface Ledger {
  /** Each by priority, slot 0 unused. */
  readonly queue: Readonly<Record<QueueBooking, readonly number[]>>
  readonly admission: Readonly<Record<LedgerClass, Readonly<Record<AdmissionOutcome | 'received' | 'rebased', number>>>>
  /** Refusals by reason; they are on no side of the balance. */
  readonly refused: Readonly<Record<string, number>>
  /** How often a difference was written off. */
  readonly rebases: number
}

/** Reads the fields of the hash. */
export function ledgerOf (booked: Readonly<Record<string, number>>): Ledger {
  const of = (field: string) => booked[field] ?? 0
  const byPriority = (name: string) =>
    Array.from({ length: PRIORITY_SLOTS }, (_, priority) => of(`${name}:${priority}`))
  return {
    queue: record(QUEUE_BOOKINGS, byPriority),
    admission: record(LEDGER_CLASSES, (name) =>
      record(ADMISSION_BOOKINGS, (booking) => of(admissionField(booking, name)))),
    refused: Object.fromEntries(Object.entries(booked).flatMap(([field, events]) =>
      field.startsWith(REFUSED) ? [[field.slice(REFUSED.length), events]] : [])),
    rebases: of(REBASES_FIELD)
  }
}

function record<Name extends string, Value> (
  names: readonly Name[], valueOf: (name: Name) => Value
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<Name, Value>
}
