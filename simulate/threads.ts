import { join } from 'node:path'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { Job } from './job.ts'
import type { Figures } from './measure/figures.ts'
import type { WorldOptions } from './options.ts'

/** A thread tells how much of the arrivals of its job are over, or the figures. */
export type ThreadMessage = { readonly share: number } | { readonly figures: Figures }

const THREAD = join(import.meta.dirname, 'thread.ts')

/**
 * Runs jobs on all processors. The results are in the order of the jobs.
 *
 * @param onProgress gets the job that is furthest behind its end, and the number of jobs that have ended
 */
export async function runJobs (
  world: WorldOptions, jobs: readonly Job[], onProgress: (job: Job, share: number, ended: number) => void
): Promise<Figures[]> {
  const results: Figures[] = []
  let next = 0
  let ended = 0
  const work = async (worker: Worker): Promise<void> => {
    while (next < jobs.length) {
      const index = next++
      const job = jobs[index] as Job
      onProgress(job, 0, ended)
      results[index] = await runOn(worker, job, (share) => onProgress(job, share, ended))
      ended++
    }
  }
  const length = Math.min(jobs.length, availableParallelism())
  const workers = Array.from({ length }, () => new Worker(THREAD, { workerData: world }))
  try {
    await Promise.all(workers.map(work))
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()))
  }
  return results
}

async function runOn (worker: Worker, job: Job, onShare: (share: number) => void): Promise<Figures> {
  const { promise, resolve, reject } = Promise.withResolvers<Figures>()
  const take = (message: ThreadMessage) => {
    if ('share' in message) onShare(message.share)
    else resolve(message.figures)
  }
  worker.on('message', take)
  worker.on('error', reject)
  worker.postMessage(job)
  try {
    return await promise
  } finally {
    worker.off('message', take)
    worker.off('error', reject)
  }
}
