import { join } from 'node:path'
import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { registerSpoolMetrics } from '../services/metrics/spool-metrics.ts'
import { Spool } from '../services/spool/spool.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The store on local disk; undefined in a process that accepts no events, and if the spool is off. */
    spool: Spool | undefined
  }
}

export default fp(async (fastify) => {
  const { config, metricsRegistry } = fastify
  if (config.ROLE === 'worker' || config.SPOOL_CLASSES.size === 0) {
    fastify.decorate('spool', undefined)
    return
  }
  const log = fastify.log as Logger
  const dir = join(config.DATA_DIR, `spool-${config.NAMESPACE}`)
  const spool = new Spool({
    dir, maxBytes: config.SPOOL_MAX_BYTES, now: () => Date.now(), monotonic: () => performance.now(), log
  })
  await spool.open()
  registerSpoolMetrics(metricsRegistry, spool)
  fastify.decorate('spool', spool)
}, { name: 'spool', dependencies: ['config', 'metrics'] })
