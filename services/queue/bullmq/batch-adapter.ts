import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import type { Job } from 'bullmq'
import { decodeEvents, type BatchData } from '../batch-data.ts'
import type { BatchQueue } from './batch-queue.ts'
import { parseBatchId } from '../batch.ts'
import { isUnreadable } from '../repair.ts'

type Options = ConstructorParameters<typeof BullMQAdapter>[1]
type StoredJob = Job<Partial<BatchData>>

/** The largest page of the job browser; each job may hold as many events as a batch. */
const MOST_JOBS = 300

/** A queue for the job browser: shows the events of each job as consumers get them, not as stored. */
export class BatchAdapter extends BullMQAdapter {
  readonly #bullmq: BatchQueue

  constructor (bullmq: BatchQueue, options?: Options) {
    super(bullmq, options)
    this.#bullmq = bullmq
  }

  override async getJob (id: string): ReturnType<BullMQAdapter['getJob']> {
    const job = await unlessDamaged(() => super.getJob(id))
    // A hash without a name is not a job: Redis has other keys with the same prefix.
    return job && (job.name !== undefined || parseBatchId(id) !== undefined) ? decoded(job as StoredJob) : undefined
  }

  override async getJobs (
    ...[statuses, start = 0, end = start]: Parameters<BullMQAdapter['getJobs']>
  ): ReturnType<BullMQAdapter['getJobs']> {
    const last = Math.min(end, start + MOST_JOBS - 1)
    const jobs =
      (await unlessDamaged(() => super.getJobs(statuses, start, last))) ??
      (await this.#readableJobs(statuses, start, last))
    return jobs.filter((job) => job !== undefined).map((job) => decoded(job as StoredJob))
  }

  /** Reads jobs one by one and omits unreadable ones. */
  async #readableJobs (
    statuses: Parameters<BullMQAdapter['getJobs']>[0],
    start: number,
    end: number
  ): ReturnType<BullMQAdapter['getJobs']> {
    const ids =
      (await unlessDamaged(() =>
        this.#bullmq.getRanges(statuses as Parameters<BatchQueue['getRanges']>[0], start, end)
      )) ?? []
    const jobs = await Promise.all(ids.map((id) => unlessDamaged(() => super.getJob(id))))
    return jobs.filter((job) => job !== undefined && job !== null) as Awaited<ReturnType<BullMQAdapter['getJobs']>>
  }

  /** Also ends the pause for a failing consumer, which BullMQ's resume leaves in place. */
  override async resume (): Promise<void> {
    await super.resume()
    await this.#bullmq.endPause()
  }

  override async getActiveRateLimitTtl (): Promise<number> {
    return await this.#bullmq.pauseLeftMs()
  }
}

/** Returns undefined if the keys are damaged. */
async function unlessDamaged<Result> (read: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await read()
  } catch (error) {
    if (isUnreadable(error)) return undefined
    throw error
  }
}

/**
 * Decodes a job; the stub of a finished batch has no events. BullMQ has the rank of a batch as its priority; the
 * browser shows the priority of its events.
 */
function decoded (job: StoredJob): Job {
  const { id = '', data } = job
  const priority = parseBatchId(id)?.priority
  if (priority !== undefined) {
    job.opts = { ...job.opts, priority }
    job.priority = priority
  }
  if (Array.isArray(data.events)) job.data = { events: decodeEvents(id, data as BatchData) }
  return job
}
