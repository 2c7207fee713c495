import { Counter, type Registry } from '@prometheus-io/client'
import type { BatchSettlement } from '../queue/batch.ts'

const OUTCOMES = ['done', 'dead', 'expired', 'requeued'] as const

/** Counts the outcomes of the events that this process worked on. */
export class WorkerMetrics {
  readonly #events: Counter<'outcome'>

  constructor (registry: Registry) {
    this.#events = new Counter({
      name: 'spillway_worker_events_total',
      help: 'Events this process worked on, by outcome',
      labelNames: ['outcome'],
      registers: [registry]
    })
    for (const outcome of OUTCOMES) this.#events.inc({ outcome }, 0)
  }

  count (counts: BatchSettlement): void {
    for (const outcome of OUTCOMES) this.#events.inc({ outcome }, counts[outcome] ?? 0)
  }
}
