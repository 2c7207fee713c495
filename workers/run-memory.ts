import type { BatchSettlement } from '../services/queue/batch.ts'
import type { HandledBatch } from './batch-settler.ts'

/** Results that BullMQ did not take and that wait for their batch to come back; beyond this many the oldest goes. */
const MOST_KEPT_RESULTS = 1_000

/** One run of a batch by the handlers. */
export interface Run {
  handled: Promise<HandledBatch>
  /** Whether nothing else is in work beside it. */
  isAlone: boolean
  isHandled?: boolean
  /** Once all that follows is written. */
  settlement?: BatchSettlement
}

/**
 * Runs by batch, kept until BullMQ has their result. A hang of Redis can cost a lock and bring a batch back to the
 * process that works on it: it joins the run and is settled under its new lock.
 */
export class RunMemory {
  readonly #concurrency: number
  readonly #runs = new Map<string, Run>()
  readonly #lost = new Set<string>()

  /** @param concurrency batches in work at once */
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

  /** Keeps the result of a batch whose lock is lost, in case it comes back; a bounded number. */
  keepLost (id: string): void {
    this.#lost.add(id)
    const [oldest] = this.#lost
    if (oldest === undefined || this.#lost.size <= this.#concurrency) return
    this.#lost.delete(oldest)
    this.#runs.delete(oldest)
  }

  /** The batch has been settled under a lock that it has. */
  found (id: string): void {
    this.#lost.delete(id)
  }
}
