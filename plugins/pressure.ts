import { getHeapStatistics } from 'node:v8'
import fp from 'fastify-plugin'
import { ProcessSensor, type ProcessReading } from '../services/pressure/process-sensor.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Whether event loop or heap of this process are beyond their bounds. */
    isUnderPressure: () => boolean
    /** What this process takes, as of the last interval. */
    memoryUsage: () => ProcessReading
  }
}

const MIN_SAMPLE_INTERVAL_MS = 250
const DEFAULT_HEAP_SHARE = 0.9

/** The sensor of the process itself. Admission decides what follows from it. */
export default fp(async (fastify) => {
  const { MAX_EVENT_LOOP_DELAY_MS, MAX_HEAP_USED_BYTES } = fastify.config
  const sensor = new ProcessSensor({
    eventLoopDelayMs: MAX_EVENT_LOOP_DELAY_MS,
    heapUsedBytes: MAX_HEAP_USED_BYTES || Math.floor(getHeapStatistics().heap_size_limit * DEFAULT_HEAP_SHARE)
  })
  fastify.decorate('isUnderPressure', () => sensor.isBeyondBounds)
  fastify.decorate('memoryUsage', () => sensor.reading)
  // A loop that was blocked for a whole interval has no mean delay and counts as beyond any limit, so the interval must not be
  // shorter than the limit.
  sensor.start(Math.max(MIN_SAMPLE_INTERVAL_MS, MAX_EVENT_LOOP_DELAY_MS))
  fastify.addHook('onClose', async () => sensor.stop())
}, { name: 'pressure', dependencies: ['config', 'metrics'] })
