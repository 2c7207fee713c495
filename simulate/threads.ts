import { join } from 'node:path'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Job } from './job.ts'
import type { Figures } from './measure/figures.ts'
import type { WorldOptions } from './options.ts'

/** A run in a world of its own. */
export interface Task {
  readonly world: WorldOptions
  readonly job: Job
}

/** A thread tells how much of the arrivals of its job are over, or the figures. */
export type ThreadMessage = { readonly share: number } | { readonly figures: Figures }

const THREAD = join(import.meta.dirname, 'thread.ts')

/** A thread for each processor. They live until they are closed. */
export class Threads {
  readonly #workers: Worker[] = []

  /**
   * Runs tasks on all processors. The results are in the order of the tasks.
   *
   * @param onProgress gets a job that runs, the share of it that is over, and the number of jobs that have ended
   */
  async run (
    tasks: readonly Task[], onProgress: (job: Job, share: number, ended: number) => void
  ): Promise<Figures[]> {
    const results: Figures[] = []
    let next = 0
    let ended = 0
    const work = async (worker: Worker): Promise<void> => {
      while (next < tasks.length) {
        const index = next++
        const task = tasks[index] as Task
        onProgress(task.job, 0, ended)
        results[index] = await runOn(worker, task, (share) => onProgress(task.job, share, ended))
        ended++
      }
    }
    const count = Math.min(tasks.length, availableParallelism())
    while (this.#workers.length < count) this.#workers.push(new Worker(THREAD))
    await Promise.all(this.#workers.slice(0, count).map(work))
    return results
  }

  async close (): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.terminate()))
  }
}

async function runOn (worker: Worker, task: Task, onShare: (share: number) => void): Promise<Figures> {
  const { promise, resolve, reject } = Promise.withResolvers<Figures>()
  const take = (message: ThreadMessage) => {
    if ('share' in message) onShare(message.share)
    else resolve(message.figures)
  }
  worker.on('message', take)
  worker.on('error', reject)
  worker.postMessage(task)
  try {
    return await promise
  } finally {
    worker.off('message', take)
    worker.off('error', reject)
  }
}
