import { join } from 'node:path'
import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { registerSpoolMetrics } from '../services/metrics/spool-metrics.ts'
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
  const spool = new Spool({ dir: join(config.DATA_DIR, 'spool'), maxBytes: config.SPOOL_MAX_BYTES, now: () => Date.now(), log })
  await spool.open()
  registerSpoolMetrics(metricsRegistry, spool)
  fastify.decorate('spool', spool)
  const drain = new SpoolDrain({
    spool,
    admits: (priority) => !fastify.lifecycle.isDraining && fastify.backpressure.wouldAdmit(priority),
    add: async (batch) => {
      fastify.backpressure.noteAdmitted(batch.events.length)
      await fastify.backpressure.inTransit.whileSending(batch.events.length, (onSent) => queue.addPromised(batch, onSent))
    },
    eventsPerSecond: config.SPOOL_DRAIN_RATE,
    now: () => performance.now(),
    log
  })
  queueMonitor.onReading(() => drain.begin())
  fastify.addHook('onClose', () => drain.ended())
}, { name: 'spool', dependencies: ['queue', 'metrics', 'lifecycle'] })
