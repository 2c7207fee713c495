/*
 * A worker in a process of its own. Its handler ends the process at an event with the payload 'kill', once so many
 * batches are in work.
 */
import { pino } from 'pino'
import { DeadLetterStore } from '../../services/dead-letters/dead-letter-store.ts'
import { DONE } from '../../services/event/outcome.ts'
import { SampledEventLog } from '../../services/logging/sampled-event-log.ts'
import { Shards } from '../../services/queue/shards.ts'
import { connectForWorker } from '../../services/redis/connection.ts'
import { connectPatiently } from '../patient-connection.ts'
import { NO_TRACING } from '../../services/tracing/tracing.ts'
import { BatchRunner } from '../../workers/batch-runner.ts'
import { EventWorker } from '../../workers/event-worker.ts'
import { KEYS, NAMESPACE } from '../queue-keys.ts'

const [url = '', batchesBeside = '0'] = process.argv.slice(2)
const worksOn = connectForWorker(url)
const log = pino({ level: 'silent' })
const redis = connectPatiently(url)
await new Promise<void>((resolve) => {
  redis.once('ready', () => resolve())
})
const queue = new Shards(
  redis,
  NAMESPACE,
  { idempotencyTtlMs: 0, receiptTtlMs: 3_600_000, mostReceipts: 1_000 },
  () => {}
)
let inWork = 0
const allBegun = Promise.withResolvers<void>()
const worker = new EventWorker({
  connectionOf: () => worksOn,
  queue,
  deadLetters: new DeadLetterStore(redis, KEYS, { mostDeadLetters: undefined, onDiscarded: () => {} }),
  runner: new BatchRunner({
    handlers: [{
      name: 'test',
      handler: {
        kind: 'batch',
        handle: async (events) => {
          if (++inWork > Number(batchesBeside)) allBegun.resolve()
          await allBegun.promise
          // A kill leaves no core file behind, as process.abort() may.
          if (events.some(({ payload }) => payload === 'kill')) process.kill(process.pid, 'SIGKILL')
          if (Number(batchesBeside) > 0) await new Promise(() => {})
          return { outcomes: events.map(() => DONE) }
        }
      }
    }],
    eventConcurrency: 4, timeoutMs: 600_000, now: () => Date.now(), log
  }),
  concurrency: 20,
  limits: { maxAttempts: 3, maxDeferrals: 5, maxDeferralMs: 60_000 },
  backoffBaseMs: 1,
  random: () => 0,
  now: () => Date.now(),
  tracing: NO_TRACING,
  sampledEvents: new SampledEventLog(log, () => 0),
  log, onError: () => {}, onBatch: () => {}, lockMs: 2_000, stalledCheckMs: 500
})
worker.start()
