import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import type { Job } from 'bullmq'
import { decodeEvents, type BatchData } from './batch-data.ts'

/** A queue as the job browser reads it: each job with its events as consumers know them, not as they are stored. */
export class BatchAdapter extends BullMQAdapter {
  override async getJob (id: string): ReturnType<BullMQAdapter['getJob']> {
    const job = await super.getJob(id)
    return job && decoded(job as Job<Partial<BatchData>>)
  }

  override async getJobs (...page: Parameters<BullMQAdapter['getJobs']>): ReturnType<BullMQAdapter['getJobs']> {
    const jobs = await super.getJobs(...page)
    return jobs.map((job) => decoded(job as Job<Partial<BatchData>>))
  }
}

/** What stays of a finished batch under its key has no events. */
function decoded (job: Job<Partial<BatchData>>): Job {
  const { id = '', data } = job
  if (Array.isArray(data.events)) job.data = { events: decodeEvents(id, data as BatchData) }
  return job
}
