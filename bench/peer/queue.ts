import { Queue, type DefaultJobOptions } from 'bullmq'
import { Redis, type RedisOptions } from 'ioredis'

/** Name of the queue of all peers. */
export const QUEUE_NAME = 'events'

/** Removes finished jobs, and keeps some failed ones for inspection. */
const defaultJobOptions: DefaultJobOptions = {
  attempts: 3,
  backoff: { type: 'exponential', delay: 1_000 },
  removeOnComplete: true,
  removeOnFail: 1_000
}

/** A connection to the Redis of the measurement. */
export function connectRedis (options: RedisOptions = {}): Redis {
  const path = process.env.REDIS_PATH
  if (path === undefined) throw new Error('REDIS_PATH is not set: the socket of Redis')
  return new Redis({ path, maxRetriesPerRequest: null, ...options })
}

/** A BullMQ queue with sensible job options. */
export function makeQueue (options?: RedisOptions): Queue {
  return new Queue(QUEUE_NAME, { connection: connectRedis(options), defaultJobOptions })
}
