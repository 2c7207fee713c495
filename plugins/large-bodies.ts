import fp from 'fastify-plugin'
import { StreamSlots } from '../services/admission/stream-slots.ts'
import { TurnShare } from '../services/clock/turn-share.ts'
import { StreamMemory } from '../services/intake/stream-memory.ts'
import { showGauge } from '../services/metrics/shown.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** The share of a turn of the event loop that work on large bodies may use. */
    turnShare: TurnShare
    streamSlots: StreamSlots
    streamMemory: StreamMemory
  }
}

export default fp(async (fastify) => {
  const slots = new StreamSlots(fastify.config.STREAM_MAX_OPEN)
  fastify.decorate('turnShare', new TurnShare(() => performance.now()))
  fastify.decorate('streamSlots', slots)
  fastify.decorate('streamMemory', new StreamMemory())
  showGauge(fastify.metricsRegistry, {
    name: 'spillway_streams', help: 'NDJSON streams that this process has open', read: () => slots.open
  })
}, { name: 'large-bodies', dependencies: ['config', 'metrics'] })
