import { setTimeout as wait } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { JobKeys } from '../../services/queue/bullmq/job-keys.ts'
import type { QueuePlace } from './job.ts'

const POLL_MS = 5
const PATIENCE_MS = 120_000

/** Resolves when no job of a queue waits or runs. It reads Redis, so that it works for every kind of worker. */
export async function drained ({ redisPath, prefix, queue }: QueuePlace): Promise<void> {
  const redis = new Redis({ path: redisPath })
  const { wait: waiting, prioritized, delayed, active } = new JobKeys(prefix, queue)
  const deadline = performance.now() + PATIENCE_MS
  try {
    for (;;) {
      const replies = await redis.multi().llen(waiting).zcard(prioritized).zcard(delayed).llen(active).exec()
      const jobs = (replies ?? []).reduce((total, [, count]) => total + Number(count), 0)
      if (jobs === 0) return
      if (performance.now() > deadline) throw new Error(`${jobs} jobs were left after ${PATIENCE_MS} ms`)
      await wait(POLL_MS)
    }
  } finally {
    redis.disconnect()
  }
}
