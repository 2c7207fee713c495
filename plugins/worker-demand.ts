import fp from 'fastify-plugin'
import { WorkerDemand } from '../services/scaling/worker-demand.ts'
import { workSampleOf } from '../services/queue/work-sample.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The number of worker processes needed, for the autoscaler or operator who starts and stops them. */
    workerDemand: WorkerDemand
  }
}

export default fp(async (fastify) => {
  const { config, queueMonitor } = fastify
  const demand = new WorkerDemand({ drainTargetMs: config.DRAIN_TARGET_MS })
  queueMonitor.onReading((reading) => demand.observe(workSampleOf(reading)))
  queueMonitor.onLost(() => demand.lose())
  fastify.decorate('workerDemand', demand)
}, { name: 'worker-demand', dependencies: ['config', 'queue'] })
