import { Worker, type Job } from 'bullmq'
import type { Test } from 'tap'
import { DeadLetterStore } from '../../../services/dead-letters/dead-letter-store.ts'
import type { StoredDeadLetter } from '../../../services/dead-letters/dead-letter.ts'
import type { DeadLetterFigures } from '../../../services/queue/reading.ts'
import type { QueuedEvent } from '../../../services/event/event.ts'
import type { BatchData } from '../../../services/queue/batch-data.ts'
import type { BatchQueue } from '../../../services/queue/bullmq/batch-queue.ts'
import { newBatch, type Batch, type BatchSettlement } from '../../../services/queue/batch.ts'
import { ShardMap } from '../../../services/queue/shard-map.ts'
import { Shards, type ShardsOptions } from '../../../services/queue/shards.ts'
import { QUEUE_NAME } from '../../../services/queue/keys.ts'
import { connectForWorker, type Redis } from '../../../services/redis/connection.ts'
import { connectPatiently } from '../../patient-connection.ts'
import { bullmqOf } from '../../bullmq.ts'
import { eventually } from '../../../rig/eventually.ts'
import { KEYS, NAMESPACE } from '../../queue-keys.ts'
import { startRedis, type RedisProcess } from '../../../rig/redis.ts'

export interface QueueForTest {
  redis: RedisProcess
  connection: Redis
  queue: Shards
  /** The same as BullMQ has it. */
  bullmq: BatchQueue
  deadLetters: DeadLetterStore
}

/** Shards of each queue; test/assembled/queue-in-shards.test.ts runs the tests of a single one with several. */
const SHARDS = Number(process.env.TEST_QUEUE_SHARDS ?? 1)

/** The queue of a running service on a real Redis, without the service. */
export async function startQueue (
  t: Test,
  redis?: RedisProcess,
  options: Partial<ShardsOptions> = {}
): Promise<QueueForTest> {
  const server = redis ?? await startRedis(t)
  const connection = connectPatiently(server.url)
  connection.on('error', () => {})
  const queue = new Shards(connection, NAMESPACE, {
    idempotencyTtlMs: 3_600_000,
    receiptTtlMs: 3_600_000,
    mostReceipts: 1_000,
    map: new ShardMap(SHARDS),
    ...options
  }, () => {})
  const deadLetters = new DeadLetterStore(connection, KEYS, {
    mostDeadLetters: 1_000_000,
    onDiscarded: () => {},
    hasLock: (batchId, token) => queue.of(batchId).hasLock(batchId, token)
  })
  t.teardown(async () => {
    await queue.close()
    connection.disconnect()
  })
  await eventually('the connection is ready', () => connection.status === 'ready')
  return { redis: server, connection, queue, bullmq: bullmqOf({ redis: connection, queue }), deadLetters }
}

/** The numbers of dead letters, as each reading of the queue has them. */
export async function figuresOf ({ queue }: Pick<QueueForTest, 'queue'>): Promise<DeadLetterFigures> {
  return (await queue.sample()).deadLetters
}

/** All dead letters, in the order in which they died. */
export async function deadLettersIn (deadLetters: DeadLetterStore): Promise<readonly StoredDeadLetter[]> {
  return (await deadLetters.list({}, { limit: 1_000_000, mostCalls: 1_000_000 })).deadLetters
}

export function eventsOf (count: number, priority = 5): QueuedEvent[] {
  return Array.from(
    { length: count },
    (_, index) => ({ id: `e${index}`, type: 'x', payload: index, priority, receivedAt: '2026-03-01T10:00:00.000Z' })
  )
}

export function batchOf (count: number, priority = 5, shard = 0): Batch {
  return newBatch(priority, eventsOf(count, priority), undefined, undefined, shard)
}

/** Array by priority, slot 0 unused, with these numbers in it. */
export function byPriority (numbers: Record<number, number>): number[] {
  return Array.from({ length: 11 }, (_, priority) => numbers[priority] ?? 0)
}

/** Takes jobs and finishes them one by one, as a worker does, when the test says so. */
export async function startTaking (t: Test, { redis }: Pick<QueueForTest, 'redis'>) {
  const connection = connectForWorker(redis.url)
  connection.on('error', () => {})
  const worker = new Worker<BatchData, BatchSettlement | string | undefined>(QUEUE_NAME, null, {
    connection,
    prefix: KEYS.root,
    skipVersionCheck: true
  })
  worker.on('error', () => {})
  t.teardown(async () => {
    await worker.close()
    connection.disconnect()
  })
  const take = async (): Promise<Job<BatchData>> => {
    const job = await worker.getNextJob('token')
    if (job === undefined) throw new Error('no job to take')
    return job
  }
  return {
    take,
    complete: async (result?: BatchSettlement | string) => {
      await (await take()).moveToCompleted(result, 'token', false)
    },
    fail: async (error: Error) => {
      await (await take()).moveToFailed(error, 'token', false)
    }
  }
}

/** Later than any test ends. */
export const HOUR_MS = 3_600_000
