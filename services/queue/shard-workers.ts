import type { BatchWorker, BatchWorkerListener } from './bullmq/batch-worker.ts'
import { WorkerSlots, type RankLook, type SlotSeat } from './bullmq/worker-slots.ts'

export interface ShardWorkersOptions {
  /** Batches that run at once, of all shards. */
  concurrency: number
  open: (shard: number, seat: SlotSeat) => BatchWorker
  /** Returns what looks up the best rank that waits in a shard. */
  lookOf: (shard: number) => RankLook
}

/** The workers of a process, one for each shard, as one: they share its slots (see bullmq/worker-slots.ts). */
export class ShardWorkers {
  readonly #options: ShardWorkersOptions
  readonly #slots: WorkerSlots
  readonly #workers: BatchWorker[] = []
  /** Attach the listeners of this to one worker. */
  readonly #listeners: ((worker: BatchWorker) => void)[] = []
  #isPaused = false
  #isStarted = false
  #closing: Promise<unknown> | undefined

  constructor (options: ShardWorkersOptions) {
    this.#options = options
    this.#slots = new WorkerSlots(options.concurrency)
  }

  /** Works on so many shards: begins with new ones, and ends with those that are left over. */
  follow (shards: number): void {
    if (this.#closing !== undefined) return
    for (const worker of this.#workers.splice(shards)) void worker.close().catch(() => {})
    while (this.#workers.length < shards) {
      const shard = this.#workers.length
      const worker = this.#options.open(shard, this.#slots.join(this.#options.lookOf(shard)))
      for (const listen of this.#listeners) listen(worker)
      this.#workers.push(worker)
      if (this.#isPaused) void worker.pause(true)
      else if (this.#isStarted) void worker.run()
    }
  }

  /** Listens to all workers, also to later ones. */
  on<Event extends keyof BatchWorkerListener> (event: Event, listener: BatchWorkerListener[Event]): void {
    const listen = (worker: BatchWorker) => { worker.on(event, listener) }
    this.#listeners.push(listen)
    for (const worker of this.#workers) listen(worker)
  }

  isPaused (): boolean { return this.#isPaused }

  isRunning (): boolean { return this.#workers.every((worker) => worker.isRunning()) }

  /** Takes batches until paused or closed. Errors are emitted. */
  async run (): Promise<void> {
    this.#isStarted = true
    await Promise.all(this.#workers.filter((worker) => !worker.isRunning()).map((worker) => worker.run()))
  }

  async pause (doNotWaitActive?: boolean): Promise<void> {
    this.#isPaused = true
    await Promise.all(this.#workers.map((worker) => worker.pause(doNotWaitActive)))
  }

  async resume (): Promise<void> {
    this.#isPaused = false
    this.#isStarted = true
    await Promise.all(this.#workers.map((worker) => worker.resume()))
  }

  async close (): Promise<void> {
    this.#closing ??= Promise.all(this.#workers.map((worker) => worker.close()))
    await this.#closing
  }
}
