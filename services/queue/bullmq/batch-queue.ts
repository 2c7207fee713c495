import { Queue, type Job, type JobJson, type RedisQueueBackend } from 'bullmq'
import type { Redis } from 'ioredis'
import type { ScriptCommand } from '../atomic-scripts.ts'
import type { BatchData } from '../batch-data.ts'
import { QUEUE_NAME, type QueueKeys } from '../keys.ts'
import { BatchJob } from './batch-job.ts'
import { useRedisTime } from './redis-clock.ts'

/** Tries of a job in BullMQ. Failing events never fail a job; only faults of Spillway do. */
const JOB_ATTEMPTS = 20
const JOB_BACKOFF = { type: 'fixed', delay: 5_000 }
const JOB_NAME = 'batch'

const EVENT_STREAM_LENGTH = 1_000

/** A job to add. */
export interface NewJob {
  readonly id: string
  readonly data: string
  readonly rank: number
  readonly delayMs: number
}

/** The BullMQ queue of batches. Returns jobs as BatchJob. */
export class BatchQueue extends Queue<BatchData> {
  /** @param redis stays open when the queue is closed */
  constructor (redis: Redis, keys: QueueKeys) {
    useRedisTime(redis)
    super(QUEUE_NAME, {
      connection: redis,
      prefix: keys.root,
      // Both let the queue start while Redis is down and work automatically once it is up.
      skipWaitingForReady: true,
      skipVersionCheck: true,
      streams: { events: { maxLen: EVENT_STREAM_LENGTH } }
    })
  }

  protected override get Job (): typeof Job { return BatchJob as typeof Job }

  /** Milliseconds. BullMQ counts jobs under the same key; only a pause sets it to the largest safe integer. */
  async pauseLeftMs (): Promise<number> {
    return Math.max(0, await this.getRateLimitTtl(Number.MAX_SAFE_INTEGER))
  }

  /** Ends the pause of all workers early. BullMQ keeps it across restarts, and a resume does not end it. */
  async endPause (): Promise<void> {
    if (await this.pauseLeftMs() > 0) await this.removeRateLimitKey()
  }

  /** Returns the command that BullMQ would send to add a job; sends nothing. */
  async additionOf ({ id, data, rank, delayMs }: NewJob): Promise<ScriptCommand> {
    const job = {
      id,
      name: JOB_NAME,
      data,
      opts: { priority: rank, delay: delayMs, attempts: JOB_ATTEMPTS, backoff: JOB_BACKOFF },
      // A placeholder: the script uses the time of Redis.
      timestamp: 0
    }
    const backend = this.getBackend() as RedisQueueBackend
    // This defines the scripts as commands of the connection.
    await backend.client
    let command: ScriptCommand | undefined
    const recorder = { runCommand: (name: string, args: ScriptCommand['args']) => { command = { name, args } } }
    void backend.addJobToTransaction(recorder as unknown as Awaited<typeof backend.client>, job as JobJson, id)
    return command as unknown as ScriptCommand
  }
}
