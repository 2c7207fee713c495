import fp from 'fastify-plugin'
import { WorkerDemand } from '../services/scaling/worker-demand.ts'
import { demandSampleOf } from '../services/queue/work-sample.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The number of worker processes needed, for the autoscaler or operator who starts and stops them. */
    workerDemand: WorkerDemand
  }
}

export default fp(async (fastify) => {
  const { config, queueMonitor, settings } = fastify
  const demand = new WorkerDemand({
    drainTargetMs: config.DRAIN_TARGET_MS,
    scaleInAfterMs: config.SCALE_IN_AFTER_MS,
    budgetsMs: () => settings.current.settings.control.budgetsMs
  })
  queueMonitor.onReading((reading) => demand.observe(demandSampleOf(reading)))
  queueMonitor.onLost(() => demand.lose())
  fastify.decorate('workerDemand', demand)
}, { name: 'worker-demand', dependencies: ['config', 'queue', 'settings'] })
