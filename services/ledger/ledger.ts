/*
 * The ledger counts events of all processes in one Redis hash. BullMQ counts jobs, but depth is a number of events.
 * Each booking of the queue happens in the same atomic step as the move of its job, so the ledger and the jobs cannot
 * diverge when a process or Redis is killed:
 *
 *   outstanding = enqueued + requeued + adjusted - settled        depth = outstanding - delayed (retries not yet due)
 *
 * An event that is put back is in two jobs until its old batch is settled (`moving`). A batch that two workers ran
 * because one of them died may have put back more events than it held (`repeated`). So this law holds at any moment:
 *
 *   enqueued + repeated = done + dead + expired + pending + rebased         pending = outstanding - moving
 *
 * An operator writes a difference off as `rebased`, with a reason. The law of admission is in admission-ledger.ts.
 */
import { PRIORITY_SLOTS } from '../admission/priority-class.ts'
import {
  ADMISSION_OUTCOMES, LEDGER_CLASSES, REFUSED, admissionField, type AdmissionOutcome, type LedgerClass
} from './admission-ledger.ts'

const QUEUE_BOOKINGS = [
  'enqueued', 'requeued', 'adjusted', 'settled', 'done', 'dead', 'expired', 'moving', 'repeated', 'rebased'
] as const
const ADMISSION_BOOKINGS = ['received', ...ADMISSION_OUTCOMES, 'rebased'] as const

export type QueueBooking = typeof QUEUE_BOOKINGS[number]

/** The field that counts written-off differences. */
const REBASES_FIELD = 'rebases'

/** All bookings ever, in events. */
export interface Ledger {
  /** Each by priority, slot 0 unused. */
  readonly queue: Readonly<Record<QueueBooking, readonly number[]>>
  readonly admission: Readonly<Record<LedgerClass, Readonly<Record<AdmissionOutcome | 'received' | 'rebased', number>>>>
  /** Refusals by reason; not part of the balance. */
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

/** Adds the bookings of two shards. */
export function addBookings (one: Ledger, other: Ledger): Ledger {
  return {
    queue: record(QUEUE_BOOKINGS, (name) =>
      one.queue[name].map((events, slot) => events + (other.queue[name][slot] ?? 0))),
    admission: record(LEDGER_CLASSES, (name) =>
      record(ADMISSION_BOOKINGS, (booking) => one.admission[name][booking] + other.admission[name][booking])),
    refused: Object.fromEntries([...new Set([...Object.keys(one.refused), ...Object.keys(other.refused)])]
      .map((reason) => [reason, (one.refused[reason] ?? 0) + (other.refused[reason] ?? 0)])),
    rebases: one.rebases + other.rebases
  }
}

function record<Name extends string, Value> (
  names: readonly Name[], valueOf: (name: Name) => Value
): Record<Name, Value> {
  return Object.fromEntries(names.map((name) => [name, valueOf(name)])) as Record<Name, Value>
}
