import { PRIORITY_CLASSES, type PriorityClass } from '../admission/priority-class.ts'
import { sum, sumByClass } from '../admission/sum.ts'
import { LEDGER_CLASSES, admissionField } from './admission-ledger.ts'
import type { Ledger, QueueBooking } from './ledger.ts'

/** The bookings of the queue: `enqueued + repeated = done + deadLettered + expired + pending + rebased`. */
export interface QueueBalance {
  /** Put into the queue: at admission, from the spool, and by replays of dead letters. */
  readonly enqueued: number
  /** In the queue a second time, because a worker died after it had put them back. */
  readonly repeated: number
  readonly done: number
  readonly deadLettered: number
  /** Reached a worker after their deadlines. */
  readonly expired: number
  /** Waiting, active, or waiting for their next attempt. */
  readonly pending: number
  /** Written off by an operator. */
  readonly rebased: number
}

/** The difference in events on either side of the ledger; both are 0 if the ledger adds up. */
export interface Imbalance {
  readonly admission: number
  readonly queue: number
}

export interface Balance {
  readonly queue: Readonly<Record<PriorityClass, QueueBalance>>
  readonly imbalance: Imbalance
}

/** Adds up both sides of the ledger. */
export function balanceOf (ledger: Ledger): Balance {
  const byClass = Object.fromEntries(
    Object.entries(ledger.queue).map(([booking, events]) => [booking, sumByClass(events)])
  ) as Record<QueueBooking, Record<PriorityClass, number>>
  const queue = Object.fromEntries(
    PRIORITY_CLASSES.map((name) => [name, queueBalance((booking) => byClass[booking][name])])
  ) as Record<PriorityClass, QueueBalance>
  return {
    queue,
    imbalance: {
      admission: sum(Object.values(ledger.admission).map(admissionDifference).map(Math.abs)),
      queue: sum(Object.values(queue).map(queueDifference).map(Math.abs))
    }
  }
}

/** Lists the bookings, by field, that make both sides add up again. */
export function differences (ledger: Ledger): [field: string, events: number][] {
  const off = [
    ...LEDGER_CLASSES.map((name): [string, number] =>
      [admissionField('rebased', name), admissionDifference(ledger.admission[name])]),
    ...ledger.queue.rebased.map((_, priority): [string, number] =>
      [`rebased:${priority}`, queueDifference(queueBalance((booking) => ledger.queue[booking][priority] ?? 0))])
  ]
  return off.filter(([, events]) => events !== 0)
}

/**
 * A correction by a recount is in `pending`, which follows the jobs, and in no other term: the balance has to show
 * events that left the queue without Spillway.
 */
function queueBalance (of: (booking: QueueBooking) => number): QueueBalance {
  return {
    enqueued: of('enqueued'),
    repeated: of('repeated'),
    done: of('done'),
    deadLettered: of('dead'),
    expired: of('expired'),
    pending: of('enqueued') + of('requeued') + of('adjusted') - of('settled') - of('moving'),
    rebased: of('rebased')
  }
}

function queueDifference ({
  enqueued, repeated, done, deadLettered, expired, pending, rebased
}: QueueBalance): number {
  return enqueued + repeated - done - deadLettered - expired - pending - rebased
}

function admissionDifference ({ received, ...outcomes }: Ledger['admission']['low']): number {
  return received - sum(Object.values(outcomes))
}
