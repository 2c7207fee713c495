/*
 * BullMQ hands out the data of a job parsed, and the text of it is gone. This job keeps the text too, which Redis sent
 * anyway: payloads are passed on in it.
 */
import { Job, type JobJson } from 'bullmq'
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

/** The events of a job that a BatchQueue or a BatchWorker answered. Fills in its data. */
export function eventsOfJob ({
  id, data, text
}: Pick<Job<BatchData>, 'id' | 'data'> & { text?: string }): QueuedEvent[] {
  return decodeEvents(id as string, data, text)
}
