import fp from 'fastify-plugin'
import { EventIntake } from '../services/intake/event-intake.ts'
import { PriorityMap } from '../services/event/priority-map.ts'
import { BatchStore } from '../services/intake/batch-store.ts'
import { patientWrite } from '../services/intake/patient-write.ts'
import { QueueEventBus } from '../services/intake/queue-event-bus.ts'
import type { StoredBatch } from '../services/intake/stored-batch.ts'
import { underWay } from '../services/ledger/under-way.ts'
import { BatchMetrics } from '../services/metrics/batch-metrics.ts'
import type { Batch } from '../services/queue/batch.ts'
import { EventBatcher } from '../services/intake/batcher.ts'
import { SyncUnsupportedError } from '../services/queue/synced-queue.ts'
import { isOutage, isReply } from '../services/redis/outage.ts'
import { SpoolError } from '../services/spool/spool-error.ts'
import type { Tracing } from '../services/tracing/tracing.ts'

declare module 'fastify' {
  interface FastifyInstance {
    intake: EventIntake
    priorities: PriorityMap
    eventBus: QueueEventBus
  }
}

export default fp(async (fastify) => {
  const {
    config, lifecycle, queue, syncedQueue, spool, backpressure, doorLedger, latestEvents, metricsRegistry, tracing, sampledEvents
  } = fastify
  const metrics = new BatchMetrics(metricsRegistry)
  const store = new BatchStore({
    queue: metrics.measure(recorded(tracing, (batch, onSent) => queue.add(batch, onSent)), () => performance.now()),
    sync: metrics.measure(recorded(tracing, (batch, onSent) => syncedQueue.add(batch, onSent)), () => performance.now()),
    spool: spool && ((batch) => spool.write(batch)),
    spoolClasses: config.SPOOL_CLASSES,
    isQueueThere: () => backpressure.signals.isDepthKnown
  })
  // Beyond that a batch that landed in the first place may have been forgotten, and would be stored twice.
  const patienceMs = Math.min(config.OUTAGE_PATIENCE_MS, config.RECEIPT_TTL_MS / 2)
  const patiently = (write: (batch: Batch, onSent: () => void) => Promise<StoredBatch>) => patientWrite(write, {
    patienceMs,
    isAbsence,
    isQueueThere: () => backpressure.signals.isDepthKnown,
    nextSignals: () => backpressure.nextSignals(),
    stopped: lifecycle.draining
  })
  const batcherOf = (write: (batch: Batch, bytes: number) => Promise<StoredBatch>, isQueued: boolean) => new EventBatcher<StoredBatch>({
    maxEvents: config.BATCH_MAX_EVENTS,
    maxBytes: config.BATCH_MAX_BYTES,
    write,
    isOutage: (error) => !isReply(error),
    onEnded: (count, keys, isWritten, bytes) => {
      if (isQueued && !isWritten) backpressure.inTransit.noteSent(count, bytes)
      eventBus.release(keys)
    }
  })
  const queuing = (write: (batch: Batch, onSent: () => void) => Promise<StoredBatch>) =>
    batcherOf((batch, bytes) => backpressure.inTransit.whileSending(batch.events.length, bytes, (onSent) => write(batch, onSent)), true)
  const [queued, synced] = [store.queued.bind(store), store.synced.bind(store)]
  const batchers = { queued: queuing(queued), synced: queuing(synced), spooled: batcherOf((batch) => store.spooled(batch), false) }
  const patient = { queued: queuing(patiently(queued)), synced: queuing(patiently(synced)) }
  const all = [...Object.values(batchers), ...Object.values(patient)]
  const eventBus: QueueEventBus = new QueueEventBus({
    gate: backpressure,
    ...batchers,
    patient,
    spooledEvent: (key) => spool?.remembered(key),
    onTraced: (event, publication) => sampledEvents.published(event, publication),
    onAccepted: (event, text) => latestEvents.note(event, text)
  })
  doorLedger.watch(() => underWay(all.map((batcher) => batcher.unwrittenByPriority), eventBus.following))
  const priorities = new PriorityMap(config.EVENT_PRIORITIES, config.DEFAULT_EVENT_PRIORITY)
  fastify.decorate('priorities', priorities)
  fastify.decorate('intake', new EventIntake(priorities, config.IDEMPOTENCY_TTL_MS > 0))
  fastify.decorate('eventBus', eventBus)
  fastify.addHook('onClose', async () => {
    await Promise.all(all.map((batcher) => batcher.drain()))
  })
}, { name: 'intake', dependencies: ['backpressure', 'ledger', 'history', 'tracing'] })

/** Whether a queue that is away is to blame, and not one that has no room. */
function isAbsence (error: unknown): boolean {
  return (
    isOutage(error) &&
    !(error instanceof SpoolError || error instanceof SyncUnsupportedError || (error as Error).message.includes('OOM'))
  )
}

/** A write of batches with its span; the very same write where nothing is recorded. */
function recorded<Result> (tracing: Tracing, write: (batch: Batch, onSent: () => void) => Promise<Result>): typeof write {
  if (!tracing.isOn) return write
  return async (batch, onSent) => {
    const span = tracing.startSend(batch.events)
    try {
      const result = await write(batch, onSent)
      span?.end()
      return result
    } catch (error) {
      span?.end({ error: (error as Error).message })
      throw error
    }
  }
}
