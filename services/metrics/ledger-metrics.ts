import { Gauge, type Registry } from '@prometheus-io/client'
import { PRIORITY_CLASSES } from '../admission/priority-class.ts'
import { sum } from '../admission/sum.ts'
import type { QueueBalance } from '../ledger/balance.ts'
import {
  ADMISSION_OUTCOMES, LEDGER_CLASSES, type AdmissionOutcome, type LedgerClass
} from '../ledger/admission-ledger.ts'
import type { QueueReading } from '../queue/reading.ts'
import { sharedCounter } from './shared-counter.ts'

const ADMISSION_HELP: Record<AdmissionOutcome | 'received', string> = {
  received: 'Events that came to any process and of which it is known what became of them',
  enqueued: 'Events that were put into the queue at admission',
  spooled: 'Events that were put on local disk at admission',
  duplicate: 'Events that had come before',
  shed: 'Events that were refused because of load, or because they could not be stored',
  quota: 'Events that were refused because of a quota',
  forbidden: 'Events that their producer may not post',
  invalid: 'Events that were not valid, or whose identity is that of another event'
}

const QUEUE_HELP: Record<Exclude<keyof QueueBalance, 'pending' | 'rebased'>, [name: string, help: string]> = {
  enqueued: ['queued', 'Events that went into the queue: at admission, out of the spool, and replayed dead letters'],
  repeated: ['repeated', 'Events that are in the queue twice because a worker died after it had put them back'],
  done: ['done', 'Events that were handled'],
  deadLettered: ['dead_lettered', 'Events that became dead letters']
}

/** Shows the ledger of all processes, from the last reading; nothing is shown before there is one. */
export function registerLedgerMetrics (registry: Registry, lastReading: () => QueueReading | undefined): void {
  /** Calls back with each scrape, for events of each class. */
  function countByClass<Class extends LedgerClass> (
    name: string, help: string, classes: readonly Class[], of: (reading: QueueReading, name: Class) => number
  ): void {
    const counter = sharedCounter(registry, {
      name: `spillway_ledger_${name}_total`,
      help,
      labelNames: ['priority_class'],
      fill: () => {
        const reading = lastReading()
        if (reading === undefined) return
        // A batch that came back after its memory was gone can put `repeated` below zero; a counter cannot be.
        for (const each of classes) counter.inc({ priority_class: each }, Math.max(0, of(reading, each)))
      }
    })
  }
  /** The same for a gauge with a series for each name that `of` answers. */
  function gauge (
    name: string, help: string, label: string, of: (reading: QueueReading) => Readonly<Record<string, number>>
  ): void {
    const shown: Gauge<string> = new Gauge({
      name: `spillway_ledger_${name}`,
      help,
      labelNames: [label],
      registers: [registry],
      collect: () => {
        const reading = lastReading()
        if (reading === undefined) return
        for (const [value, events] of Object.entries(of(reading))) shown.set({ [label]: value }, events)
      }
    })
  }

  for (const outcome of ['received', ...ADMISSION_OUTCOMES] as const) {
    const help = ADMISSION_HELP[outcome]
    countByClass(outcome, help, LEDGER_CLASSES, ({ ledger }, name) => ledger.admission[name][outcome])
  }
  for (const [field, [name, help]] of Object.entries(QUEUE_HELP)) {
    countByClass(name, help, PRIORITY_CLASSES, ({ balance }, each) => balance.queue[each][field as keyof QueueBalance])
  }
  gauge(
    'pending', 'Events in the queue: waiting, active or waiting for their next attempt', 'priority_class',
    ({ balance: { queue: { critical, normal, low } } }) =>
      ({ critical: critical.pending, normal: normal.pending, low: low.pending })
  )
  gauge(
    'rebased', 'Events that operators have written off so that the ledger adds up again, at admission and behind it',
    'side', ({ ledger, balance }) => ({ admission: rebasedIn(ledger.admission), queue: rebasedIn(balance.queue) })
  )
  gauge(
    'imbalance', 'Events by which the ledger does not add up, at admission and behind it; 0 when all is well', 'side',
    ({ balance: { imbalance: { admission, queue } } }) => ({ admission, queue })
  )
}

function rebasedIn (sides: Readonly<Record<string, { rebased: number }>>): number {
  return sum(Object.values(sides).map(({ rebased }) => rebased))
}
