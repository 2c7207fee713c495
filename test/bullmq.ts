import { BatchQueue } from '../services/queue/bullmq/batch-queue.ts'
import type { Shards } from '../services/queue/shards.ts'
import type { Redis } from '../services/redis/connection.ts'

const known = new WeakMap<Shards, BatchQueue>()

/** The queue of an app as BullMQ has it, for tests that look at jobs; it needs no close. */
export function bullmqOf ({ redis, queue }: { redis: Redis, queue: Shards }): BatchQueue {
  const bullmq = known.get(queue) ?? new BatchQueue(redis, queue.keys)
  if (!known.has(queue)) bullmq.on('error', () => {})
  known.set(queue, bullmq)
  return bullmq
}
