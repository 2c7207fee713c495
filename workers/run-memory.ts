import type { BatchSettlement } from '../services/queue/batch.ts'
import type { HandledBatch } from './batch-settler.ts'

/** Limit on the results that BullMQ did not accept and that wait for their batch; the oldest is dropped first. */
const MOST_KEPT_RESULTS = 1_000

/** One run of a batch by the handlers. */
export interface Run {
  handled: Promise<HandledBatch>
  /** Whether it runs alone. */
  isAlone: boolean
  isHandled?: boolean
  /** Set once all consequences are written. */
  settlement?: BatchSettlement
}

/**
 * Runs by batch, kept until BullMQ has their result. If Redis hangs, a lock may expire and the batch may come back to
 * the process that still runs it: it joins that run and is settled under its new lock.
 */
export class RunMemory {
  readonly #concurrency: number
  readonly #runs = new Map<string, Run>()
  readonly #lost = new Set<string>()

  /** @param concurrency batches that run at once */
  constructor (concurrency: number) {
    this.#concurrency = concurrency
  }

  get (id: string): Run | undefined { return this.#runs.get(id) }

  add (id: string, run: Run): void {
    this.#runs.set(id, run)
    const [oldest] = this.#runs.keys()
    if (oldest !== undefined && this.#runs.size > this.#concurrency + MOST_KEPT_RESULTS) this.#runs.delete(oldest)
  }

  delete (id: string): void {
    this.#runs.delete(id)
  }

  /** Keeps the result of a batch that has lost its lock, in case the batch comes back; their number is bounded. */
  keepLost (id: string): void {
    this.#lost.add(id)
    const [oldest] = this.#lost
    if (oldest === undefined || this.#lost.size <= this.#concurrency) return
    this.#lost.delete(oldest)
    this.#runs.delete(oldest)
  }

  /** Records that the batch was settled under its current lock. */
  found (id: string): void {
    this.#lost.delete(id)
  }
}
