import { getHeapStatistics } from 'node:v8'
import underPressure from '@fastify/under-pressure'
import fp from 'fastify-plugin'

const MIN_SAMPLE_INTERVAL_MS = 250
const DEFAULT_HEAP_SHARE = 0.9

/** Measures the load of the process: decorates `isUnderPressure()` and `memoryUsage()`. Admission decides on them. */
export default fp(async (fastify) => {
  const { MAX_EVENT_LOOP_DELAY_MS, MAX_HEAP_USED_BYTES } = fastify.config
  // Its hook only lets requests through, so it gets a scope in which it sees none.
  await fastify.register(async (sensor) => {
    await sensor.register(underPressure, {
      // A loop that was blocked for a whole interval has no mean delay and counts as beyond any limit, so the interval
      // must not be shorter than the limit.
      sampleInterval: Math.max(MIN_SAMPLE_INTERVAL_MS, MAX_EVENT_LOOP_DELAY_MS),
      eventLoopUtilizationMode: 'interval',
      maxEventLoopDelay: MAX_EVENT_LOOP_DELAY_MS,
      maxHeapUsedBytes: MAX_HEAP_USED_BYTES || Math.floor(getHeapStatistics().heap_size_limit * DEFAULT_HEAP_SHARE)
    })
    fastify.decorate('isUnderPressure', () => sensor.isUnderPressure())
    fastify.decorate('memoryUsage', () => sensor.memoryUsage())
  })
}, { name: 'pressure', dependencies: ['config', 'metrics'] })
