import { Histogram, type Registry } from '@prometheus-io/client'
import type { OnSent } from '../admission/in-transit.ts'
import type { Batch } from '../queue/batch.ts'

/** Measures the batches that this process writes into the queue. */
export class BatchMetrics {
  readonly #events: Histogram
  readonly #seconds: Histogram

  constructor (registry: Registry) {
    this.#events = new Histogram({
      name: 'spillway_batch_events',
      help: 'Events in a batch',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128, 256, 1024],
      registers: [registry]
    })
    this.#seconds = new Histogram({
      name: 'spillway_batch_write_seconds',
      help: 'Time until Redis confirmed a batch',
      buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
      registers: [registry]
    })
  }

  /** Wraps a write so that every batch is measured, failed ones included. */
  measure<Result> (
    write: (batch: Batch, onSent: OnSent) => Promise<Result>,
    now: () => number
  ): (batch: Batch, onSent: OnSent) => Promise<Result> {
    return async (batch, onSent) => {
      const startedAt = now()
      this.#events.observe(batch.events.length)
      try {
        return await write(batch, onSent)
      } finally {
        this.#seconds.observe((now() - startedAt) / 1000)
      }
    }
  }
}
