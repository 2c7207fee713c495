import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { shardNumberOf } from '../services/queue/shard-list.ts'
import { drainRoom } from '../services/spool/drain-room.ts'
import { SpoolDrain } from '../services/spool/spool-drain.ts'

/** Moves spooled events into the queue as far as admission has room. */
export default fp(async (fastify) => {
  const { backpressure, config, lifecycle, queue, queueMonitor, spool, statementBook, syncedQueue } = fastify
  if (spool === undefined) return
  const drain = new SpoolDrain({
    spool,
    room: (priority) => {
      if (lifecycle.isDraining || !backpressure.wouldAdmit(priority)) return 0
      if (backpressure.mode === 'false') return Infinity
      const { depth, bytes, signals: { circuits, memory, thresholds } } = backpressure
      return drainRoom({
        depth, bytes, thresholds, circuits, warningBytes: memory.thresholds?.warning,
        batchMaxEvents: config.BATCH_MAX_EVENTS
      })
    },
    isAway: (batchId) => queue.map.isAway(shardNumberOf(batchId)),
    add: async (parts, bytes) => {
      const events = parts.reduce((sum, batch) => sum + batch.events.length, 0)
      backpressure.recordAdmitted(events, bytes)
      await backpressure.inTransit.whileSending(events, bytes, (onSent) => {
        const { mode, signals: { thresholds: { hardLimit: mostDepth } } } = backpressure
        return syncedQueue.addMerged(parts, mode === 'true' ? { mostDepth } : {}, onSent)
      })
      for (const batch of parts) statementBook.countEach(batch.events, 'returned')
    },
    eventsPerSecond: config.SPOOL_DRAIN_RATE,
    batchMaxEvents: config.BATCH_MAX_EVENTS,
    batchMaxBytes: config.BATCH_MAX_BYTES,
    now: () => performance.now(),
    log: fastify.log as Logger
  })
  queueMonitor.onReading(() => drain.begin())
  fastify.addHook('onClose', () => drain.ended())
}, { name: 'spool-drain', dependencies: ['admission', 'config', 'lifecycle', 'queue', 'spool', 'statements'] })
