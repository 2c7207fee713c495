import { pino } from 'pino'
import { DeadLetterStore } from '../../services/dead-letters/dead-letter-store.ts'
import { DONE } from '../../services/event/outcome.ts'
import type { QueuedEvent } from '../../services/event/event.ts'
import { SampledEventLog } from '../../services/logging/sampled-event-log.ts'
import { newBatch } from '../../services/queue/batch.ts'
import { ShardMap } from '../../services/queue/shard-map.ts'
import { Shards } from '../../services/queue/shards.ts'
import { connectForCommands, connectForWorker } from '../../services/redis/connection.ts'
import { NO_TRACING } from '../../services/tracing/tracing.ts'
import { BatchRunner } from '../../workers/batch-runner.ts'
import { EventWorker } from '../../workers/event-worker.ts'
import { eventually } from '../../rig/eventually.ts'
import type { Owner } from '../../rig/owner.ts'
import { startRedis } from '../../rig/redis.ts'

const NAMESPACE = 'bench'
const LIFE_MS = 600_000
const now = () => Date.now()

export interface Work {
  readonly cpuMicros: number
  readonly perSecond: number
}

/** Returns a function that fills a queue of so many shards, and measures this process while its worker empties it. */
export async function startWork (
  owner: Owner, shards: number, batches: number, events: number
): Promise<() => Promise<Work>> {
  const redis = await startRedis(owner)
  const connection = connectForCommands(redis.url)
  owner.teardown(() => { connection.disconnect() })
  await eventually('Redis is there', () => connection.status === 'ready')
  const queue = new Shards(connection, NAMESPACE, {
    idempotencyTtlMs: LIFE_MS, receiptTtlMs: 10_000, mostReceipts: 1_000, map: new ShardMap(shards)
  }, () => {})
  const worksOn = connectForWorker(redis.url)
  owner.teardown(() => { worksOn.disconnect() })
  const log = pino({ level: 'silent' })
  const worker = new EventWorker({
    connectionOf: () => worksOn,
    queue,
    deadLetters: new DeadLetterStore(connection, queue.keys, { mostDeadLetters: undefined, onDiscarded: () => {} }),
    runner: new BatchRunner({
      handlers: [{
        name: 'discard', handler: { kind: 'batch', handle: async (all) => ({ outcomes: all.map(() => DONE) }) }
      }],
      eventConcurrency: 16, timeoutMs: LIFE_MS, now, log
    }),
    concurrency: 20,
    limits: { maxAttempts: 3, maxDeferrals: 5, maxDeferralMs: LIFE_MS },
    backoffBaseMs: 1_000,
    random: () => 0,
    now,
    tracing: NO_TRACING,
    sampledEvents: new SampledEventLog(log, () => 0),
    log,
    onError: () => {}, onBatch: () => {}
  })
  owner.teardown(async () => { await worker.stop(1_000) })
  worker.hold('no-handlers')
  worker.start()
  const receivedAt = new Date().toISOString()
  const all = Array.from({ length: events }, (_, index): QueuedEvent =>
    ({ id: `event-${index}`, type: 'telemetry-data', payload: { temperature: index }, priority: 5, receivedAt }))
  let total = 0
  return async () => {
    for (let batch = 0; batch < batches; batch++) {
      await queue.add(newBatch(5, all, undefined, undefined, batch % shards))
    }
    total += batches * events
    const [startedAt, startedCpu] = [performance.now(), process.cpuUsage()]
    worker.release('no-handlers')
    await eventually('the queue is empty', async () => (await queue.sample()).done === total)
    const { user, system } = process.cpuUsage(startedCpu)
    worker.hold('no-handlers')
    return {
      cpuMicros: (user + system) / (batches * events),
      perSecond: batches * events * 1_000 / (performance.now() - startedAt)
    }
  }
}
