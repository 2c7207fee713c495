/*
 * BullMQ parses the data of a job and drops its text. This class keeps the text: payloads are passed on unchanged, and
 * the checksum covers it.
 */
import { Job, type JobJson } from 'bullmq'
import type { QueuedEvent } from '../../event/event.ts'
import { decodeEvents, type BatchData } from '../batch-data.ts'
import type { BatchSettlement } from '../batch.ts'
import { isIntact } from '../checksum.ts'
import { DamagedBatchError } from '../damaged-batch-error.ts'

/** The job of a batch, with the text of its data in Redis. */
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
 * Checks the data of a job; the stub of a settled batch has none.
 *
 * @throws DamagedBatchError if the data are not as they were written
 */
export function expectIntact ({ id = '', text }: Pick<BatchJob, 'id'> & { text?: string | undefined }): void {
  if (text !== undefined && !isIntact(id, text)) throw new DamagedBatchError(id)
}

/** Returns the events of a job from a BatchQueue or a BatchWorker. Changes its data. */
export function eventsOfJob ({
  id, data, text
}: Pick<Job<BatchData>, 'id' | 'data'> & { text?: string }): QueuedEvent[] {
  return decodeEvents(id as string, data, text)
}
