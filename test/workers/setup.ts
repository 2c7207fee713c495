import type { Test } from 'tap'
import type { BatchSettlement } from '../../services/queue/batch.ts'
import { SampledEventLog } from '../../services/logging/sampled-event-log.ts'
import { connectForWorker } from '../../services/redis/connection.ts'
import { NO_TRACING } from '../../services/tracing/tracing.ts'
import { BatchRunner, type NamedHandler } from '../../workers/batch-runner.ts'
import { EventWorker } from '../../workers/event-worker.ts'
import { capturedLog } from '../captured-log.ts'
import { startQueue, type QueueForTest } from '../services/queue/setup.ts'

export interface WorkerForTestOptions {
  isStarted?: boolean
  /** A queue that is shared with others; one of its own by default. */
  started?: QueueForTest
  /** The clock that decides deadlines. */
  now?: () => number
  /** Batches that run at once; 2 by default. */
  concurrency?: number
}

/** A worker on a real queue, without the service around it. */
export async function startWorker (
  t: Test, handlers: readonly NamedHandler[],
  { isStarted = true, started: present, now = () => Date.now(), concurrency = 2 }: WorkerForTestOptions = {}
) {
  const started = present ?? await startQueue(t)
  const { log, lines } = capturedLog()
  const connection = connectForWorker(started.redis.url)
  connection.on('error', () => {})
  const counted: BatchSettlement[] = []
  const errors: Error[] = []
  const worker = new EventWorker({
    connectionOf: () => connection,
    queue: started.queue,
    deadLetters: started.deadLetters,
    runner: new BatchRunner({ handlers, eventConcurrency: 4, timeoutMs: 60_000, now, log }),
    concurrency,
    limits: { maxAttempts: 3, maxDeferrals: 5, maxDeferralMs: 60_000 },
    backoffBaseMs: 1,
    random: () => 0,
    now,
    tracing: NO_TRACING,
    sampledEvents: new SampledEventLog(log, () => 0),
    log,
    onError: (error) => { errors.push(error) },
    onBatch: (counts) => { counted.push(counts) }
  })
  t.teardown(async () => {
    await worker.stop(1_000)
    connection.disconnect()
  })
  if (isStarted) worker.start()
  return { ...started, worker, lines, counted, errors }
}
