import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import type { Job, Queue } from 'bullmq'
import { decodeEvents, type BatchData } from './batch-data.ts'

type Options = ConstructorParameters<typeof BullMQAdapter>[1]
type StoredJob = Job<Partial<BatchData>>

/** As many as its page can be set to; each may hold as many events as a batch. */
const MOST_JOBS = 300

/** A queue as the job browser reads it: each job with its events as consumers know them, not as they are stored. */
export class BatchAdapter extends BullMQAdapter {
  readonly #bullmq: Queue

  constructor (bullmq: Queue, options?: Options) {
    super(bullmq, options)
    this.#bullmq = bullmq
  }

  override async getJob (id: string): ReturnType<BullMQAdapter['getJob']> {
    const job = await super.getJob(id)
    return job && decoded(job as StoredJob)
  }

  override async getJobs (...[statuses, start = 0, end = start]: Parameters<BullMQAdapter['getJobs']>): ReturnType<BullMQAdapter['getJobs']> {
    const jobs = await super.getJobs(statuses, start, Math.min(end, start + MOST_JOBS - 1))
    return jobs.map((job) => decoded(job as StoredJob))
  }

  /** Ends the pause for a consumer that fails too, which BullMQ's resume leaves in place. */
  override async resume (): Promise<void> {
    await super.resume()
    if (await this.getActiveRateLimitTtl() > 0) await this.#bullmq.removeRateLimitKey()
  }

  /** BullMQ counts jobs under the same key; only a pause sets it to the highest number there is. */
  override async getActiveRateLimitTtl (): Promise<number> {
    return Math.max(0, await this.#bullmq.getRateLimitTtl(Number.MAX_SAFE_INTEGER))
  }
}

/** What stays of a finished batch under its key has no events. */
function decoded (job: StoredJob): Job {
  const { id = '', data } = job
  if (Array.isArray(data.events)) job.data = { events: decodeEvents(id, data as BatchData) }
  return job
}
