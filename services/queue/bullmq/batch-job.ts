/*
 * BullMQ hands out the data of a job parsed, and the text of it is gone. These classes keep the text too, which Redis
 * sent anyway: payloads are passed on in it.
 */
import { Job, Queue, Worker, type JobJson } from 'bullmq'
import type { QueuedEvent } from '../../event/event.ts'
import { decodeEvents, type BatchData } from '../batch-data.ts'
import type { BatchSettlement } from '../batch.ts'

/** The job of a batch, with its data as it stands in Redis. */
export class BatchJob extends Job<BatchData, BatchSettlement> {
  text = ''

  static override fromJSON<T, R, N extends string> (
    queue: Parameters<typeof Job.fromJSON>[0], json: JobJson, jobId?: string
  ): Job<T, R, N> {
    const job = super.fromJSON<T, R, N>(queue, json, jobId)
    return Object.assign(job, { text: json.data })
  }
}

/**
 * A queue that finds jobs as BatchJob, and tells a pause of all workers from other things that BullMQ keeps under its
 * key.
 */
export class BatchQueue extends Queue<BatchData> {
  protected override get Job (): typeof Job { return BatchJob as typeof Job }

  /** Milliseconds. BullMQ counts jobs under the same key; only a pause sets it to the highest number there is. */
  async pauseLeftMs (): Promise<number> {
    return Math.max(0, await this.getRateLimitTtl(Number.MAX_SAFE_INTEGER))
  }

  /** Ends the pause of all workers before its time. BullMQ keeps it over restarts, and a resume does not end it. */
  async endPause (): Promise<void> {
    if (await this.pauseLeftMs() > 0) await this.removeRateLimitKey()
  }
}

/** A worker that takes jobs as BatchJob. */
export class BatchWorker extends Worker<BatchData, BatchSettlement> {
  protected override get Job (): typeof Job { return BatchJob as typeof Job }
}

/** The events of a job that a BatchQueue or a BatchWorker answered. Fills in its data. */
export function eventsOfJob ({
  id, data, text
}: Pick<Job<BatchData>, 'id' | 'data'> & { text?: string }): QueuedEvent[] {
  return decodeEvents(id as string, data, text)
}
