/* A process that samples the queue of a Redis over and over until it is killed. */
import { QueueMonitor } from '../../../services/queue/queue-monitor.ts'
import { Shards } from '../../../services/queue/shards.ts'
import { connectPatiently } from '../../patient-connection.ts'
import { NAMESPACE } from '../../queue-keys.ts'

const redis = connectPatiently(process.argv[2] ?? '')
await new Promise<void>((resolve) => { redis.once('ready', () => resolve()) })
const options = { idempotencyTtlMs: 0, receiptTtlMs: 3_600_000, mostReceipts: 1_000 }
const queue = new Shards(redis, NAMESPACE, options, () => {})
new QueueMonitor({
  queue, intervalMs: 100, now: () => performance.now(), onListenerFailed: (error) => { throw error }
}).start()
