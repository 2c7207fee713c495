import type { Registry } from '@prometheus-io/client'
import { sum } from '../admission/sum.ts'
import type { QueueBalance } from '../ledger/balance.ts'
import { ADMISSION_OUTCOMES, type AdmissionOutcome } from '../ledger/admission-ledger.ts'
import type { QueueReading } from '../queue/reading.ts'
import { showCounter, showGauge } from './shown.ts'

const ADMISSION_HELP: Record<AdmissionOutcome | 'received', string> = {
  received: 'Events that any process received and whose outcome is known',
  enqueued: 'Events that were put into the queue at admission',
  spooled: 'Events that were put on local disk at admission',
  duplicate: 'Events that repeat an earlier one',
  shed: 'Events that were refused because of load, or because they could not be stored',
  wouldExpire: 'Events that were refused because their deadline would pass before a worker could take them',
  quota: 'Events that were refused because of a quota',
  forbidden: 'Events that were refused because the producer may not post them',
  invalid: 'Events that were invalid, or had the identity of another event',
  sampled: 'Events that were left out of the sample that is kept under pressure'
}

const QUEUE_HELP: Record<Exclude<keyof QueueBalance, 'pending' | 'rebased'>, [name: string, help: string]> = {
  enqueued: ['queued', 'Events that entered the queue: at admission, from the spool, and as replayed dead letters'],
  repeated: ['repeated', 'Events that are in the queue twice because a worker died after it had put them back'],
  done: ['done', 'Events that were handled'],
  deadLettered: ['dead_lettered', 'Events that became dead letters'],
  expired: ['expired', 'Events that reached a worker after their deadline']
}

/** Shows the ledger of all processes from the last reading; has no series before the first reading. */
export function registerLedgerMetrics (registry: Registry, reading: () => QueueReading | undefined): void {
  const ifRead = <Value>(of: (reading: QueueReading) => Value) => {
    const last = reading()
    return last && of(last)
  }
  for (const outcome of ['received', ...ADMISSION_OUTCOMES] as const) {
    showCounter(registry, {
      name: `spillway_ledger_${outcome === 'wouldExpire' ? 'would_expire' : outcome}_total`,
      help: ADMISSION_HELP[outcome],
      label: 'priority_class',
      read: () => ifRead(({ ledger }) => byClass(ledger.admission, outcome))
    })
  }
  for (const [field, [name, help]] of Object.entries(QUEUE_HELP)) {
    showCounter(registry, {
      name: `spillway_ledger_${name}_total`,
      help,
      label: 'priority_class',
      read: () => ifRead(({ balance }) => byClass(balance.queue, field as keyof QueueBalance))
    })
  }
  showGauge(registry, {
    name: 'spillway_ledger_pending',
    help: 'Events in the queue: waiting, active or waiting for their next attempt',
    label: 'priority_class',
    read: () => ifRead(({ balance }) => byClass(balance.queue, 'pending'))
  })
  showGauge(registry, {
    name: 'spillway_ledger_rebased',
    help: 'Events that operators have written off to balance the ledger, at admission and in the queue',
    label: 'side',
    read: () => ifRead(({ ledger, balance }) => (
      { admission: rebasedIn(ledger.admission), queue: rebasedIn(balance.queue) }
    ))
  })
  showGauge(registry, {
    name: 'spillway_ledger_imbalance',
    help: 'Difference of the ledger in events, at admission and in the queue; 0 if it adds up',
    label: 'side',
    read: () => ifRead(({ balance }) => ({ ...balance.imbalance }))
  })
}

function byClass<Field extends string> (
  sides: Readonly<Record<string, Readonly<Record<Field, number>>>>, field: Field
): Record<string, number> {
  return Object.fromEntries(Object.entries(sides).map(([name, side]) => [name, side[field]]))
}

function rebasedIn (sides: Readonly<Record<string, { rebased: number }>>): number {
  return sum(Object.values(sides).map(({ rebased }) => rebased))
}
