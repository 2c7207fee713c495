/* A worker in a process that ends when it has stored a dead letter, before it finishes the batch. */
import { pino } from 'pino'
import { DeadLetterStore } from '../../services/dead-letters/dead-letter-store.ts'
import { SampledEventLog } from '../../services/logging/sampled-event-log.ts'
import { ShardMap } from '../../services/queue/shard-map.ts'
import { Shards } from '../../services/queue/shards.ts'
import { connectForWorker } from '../../services/redis/connection.ts'
import { connectPatiently } from '../patient-connection.ts'
import { NO_TRACING } from '../../services/tracing/tracing.ts'
import { BatchRunner } from '../../workers/batch-runner.ts'
import { EventWorker } from '../../workers/event-worker.ts'
import { KEYS, NAMESPACE } from '../queue-keys.ts'

class KillingStore extends DeadLetterStore {
  override async add (...args: Parameters<DeadLetterStore['add']>): Promise<void> {
    await super.add(...args)
    process.kill(process.pid, 'SIGKILL')
    await new Promise(() => {})
  }
}

const [url = '', shards = '1'] = process.argv.slice(2)
const worksOn = connectForWorker(url)
const log = pino({ level: 'silent' })
const redis = connectPatiently(url)
await new Promise<void>((resolve) => {
  redis.once('ready', () => resolve())
})
const queue = new Shards(redis, NAMESPACE, {
  idempotencyTtlMs: 0, receiptTtlMs: 3_600_000, mostReceipts: 1_000, map: new ShardMap(Number(shards))
}, () => {})
new EventWorker({
  connectionOf: () => worksOn,
  queue,
  deadLetters: new KillingStore(redis, KEYS, {
    mostDeadLetters: undefined,
    onDiscarded: () => {},
    hasLock: (batchId, token) => queue.of(batchId).hasLock(batchId, token)
  }),
  runner: new BatchRunner({
    handlers: [{
      name: 'test',
      handler: {
        kind: 'batch',
        handle: async (events) => ({ outcomes: events.map(() => ({ status: 'dead', reason: 'no' })) })
      }
    }],
    eventConcurrency: 1, timeoutMs: 600_000, now: () => Date.now(), log
  }),
  concurrency: 1,
  limits: { maxAttempts: 3, maxDeferrals: 5, maxDeferralMs: 60_000 },
  backoffBaseMs: 1,
  random: () => 0,
  now: () => Date.now(),
  tracing: NO_TRACING,
  sampledEvents: new SampledEventLog(log, () => 0),
  log, onError: () => {}, onBatch: () => {}, lockMs: 2_000, stalledCheckMs: 500
}).start()
