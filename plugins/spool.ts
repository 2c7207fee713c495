import { join } from 'node:path'
import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { registerSpoolMetrics } from '../services/metrics/spool-metrics.ts'
import { drainRoom } from '../services/spool/drain-room.ts'
import { SpoolDrain } from '../services/spool/spool-drain.ts'
import { Spool } from '../services/spool/spool.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Takes on local disk what the queue cannot; undefined in a process that takes no events, and where it is switched off. */
    spool: Spool | undefined
  }
}

export default fp(async (fastify) => {
  const { config, queue, queueMonitor, metricsRegistry } = fastify
  if (config.ROLE === 'worker' || config.SPOOL_CLASSES.size === 0) {
    fastify.decorate('spool', undefined)
    return
  }
  const log = fastify.log as Logger
  const spool = new Spool({ dir: join(config.DATA_DIR, `spool-${config.NAMESPACE}`), maxBytes: config.SPOOL_MAX_BYTES, now: () => Date.now(), log })
  await spool.open()
  registerSpoolMetrics(metricsRegistry, spool)
  fastify.decorate('spool', spool)
  const limits = {
    warningThreshold: config.QUEUE_WARNING_THRESHOLD,
    criticalThreshold: config.QUEUE_CRITICAL_THRESHOLD,
    hardLimit: config.QUEUE_HARD_LIMIT,
    batchMaxEvents: config.BATCH_MAX_EVENTS
  }
  const drain = new SpoolDrain({
    spool,
    room: (priority) => {
      const { backpressure, lifecycle } = fastify
      if (lifecycle.isDraining || !backpressure.wouldAdmit(priority)) return 0
      if (backpressure.mode === 'false') return Infinity
      const { depth, bytes, signals: { circuits, memory } } = backpressure
      return drainRoom({ ...limits, depth, bytes, warningBytes: memory.thresholds?.warning, circuits })
    },
    add: async (parts, bytes) => {
      const events = parts.reduce((sum, batch) => sum + batch.events.length, 0)
      fastify.backpressure.noteAdmitted(events, bytes)
      await fastify.backpressure.inTransit.whileSending(events, bytes, (onSent) => queue.addMerged(parts, onSent))
    },
    eventsPerSecond: config.SPOOL_DRAIN_RATE,
    batchMaxEvents: config.BATCH_MAX_EVENTS,
    batchMaxBytes: config.BATCH_MAX_BYTES,
    now: () => performance.now(),
    log
  })
  queueMonitor.onReading(() => drain.begin())
  fastify.addHook('onClose', () => drain.ended())
}, { name: 'spool', dependencies: ['queue', 'metrics', 'lifecycle'] })
