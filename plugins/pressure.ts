import { getHeapStatistics } from 'node:v8'
import fp from 'fastify-plugin'
import { ProcessLoad } from '../services/pressure/process-load.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** How loaded the process is. Admission decides what follows from it. */
    processLoad: ProcessLoad
  }
}

const DEFAULT_HEAP_SHARE = 0.9

export default fp(async (fastify) => {
  const { MAX_EVENT_LOOP_DELAY_MS, MAX_HEAP_USED_BYTES } = fastify.config
  const load = new ProcessLoad({
    eventLoopDelayMs: MAX_EVENT_LOOP_DELAY_MS,
    heapUsedBytes: MAX_HEAP_USED_BYTES || Math.floor(getHeapStatistics().heap_size_limit * DEFAULT_HEAP_SHARE)
  })
  fastify.decorate('processLoad', load)
  fastify.addHook('onClose', async () => load.stop())
}, { name: 'pressure', dependencies: ['config'] })
