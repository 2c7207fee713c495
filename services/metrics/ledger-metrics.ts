import { Gauge, type Registry } from '@prometheus-io/client'
import { PRIORITY_CLASSES } from '../admission/priority-class.ts'
import { admissionBalance, imbalance, queueBalance, type QueueBalance } from '../ledger/balance.ts'
import { ADMISSION_OUTCOMES, LEDGER_CLASSES, type AdmissionOutcome } from '../ledger/admission-ledger.ts'
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
export function registerLedgerMetrics (registry: Registry, reading: () => QueueReading | undefined): void {
  const booked = () => reading()?.ledger ?? {}
  const isKnown = () => reading() !== undefined
  for (const outcome of ['received', ...ADMISSION_OUTCOMES] as const) {
    const counter = sharedCounter(registry, {
      name: `spillway_ledger_${outcome}_total`,
      help: ADMISSION_HELP[outcome],
      labelNames: ['priority_class'],
      fill: () => {
        const admission = admissionBalance(booked())
        for (const name of LEDGER_CLASSES) counter.inc({ priority_class: name }, admission[name][outcome])
      },
      isKnown
    })
  }
  for (const [field, [name, help]] of Object.entries(QUEUE_HELP)) {
    const counter = sharedCounter(registry, {
      name: `spillway_ledger_${name}_total`,
      help,
      labelNames: ['priority_class'],
      fill: () => {
        const queue = queueBalance(booked())
        for (const priorityClass of PRIORITY_CLASSES) {
          // A batch that came back after its memory was gone can put `repeated` below zero; a counter cannot be.
          counter.inc({ priority_class: priorityClass }, Math.max(0, queue[priorityClass][field as keyof QueueBalance]))
        }
      },
      isKnown
    })
  }
  const pending: Gauge<'priority_class'> = new Gauge({
    name: 'spillway_ledger_pending',
    help: 'Events in the queue: waiting, active or waiting for their next attempt',
    labelNames: ['priority_class'],
    registers: [registry],
    collect: () => {
      if (!isKnown()) return
      const queue = queueBalance(booked())
      for (const name of PRIORITY_CLASSES) pending.set({ priority_class: name }, queue[name].pending)
    }
  })
  const rebased: Gauge<'side'> = new Gauge({
    name: 'spillway_ledger_rebased',
    help: 'Events that operators have written off so that the ledger adds up again, at admission and behind it',
    labelNames: ['side'],
    registers: [registry],
    collect: () => {
      if (!isKnown()) return
      rebased.set({ side: 'admission' }, rebasedIn(admissionBalance(booked())))
      rebased.set({ side: 'queue' }, rebasedIn(queueBalance(booked())))
    }
  })
  const off: Gauge<'side'> = new Gauge({
    name: 'spillway_ledger_imbalance',
    help: 'Events by which the ledger does not add up, at admission and behind it; 0 when all is well',
    labelNames: ['side'],
    registers: [registry],
    collect: () => {
      if (!isKnown()) return
      for (const [side, events] of Object.entries(imbalance(booked()))) off.set({ side }, events)
    }
  })
}

function rebasedIn (balances: Readonly<Record<string, { rebased: number }>>): number {
  return Object.values(balances).reduce((total, { rebased }) => total + rebased, 0)
}
