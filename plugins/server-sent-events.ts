import { fastifySSE } from '@fastify/sse'
import fp from 'fastify-plugin'

/** A comment this often keeps what stands between from closing a stream on which nothing happens. */
const HEARTBEAT_INTERVAL_MS = 15_000

export default fp(async (fastify) => {
  await fastify.register(fastifySSE, { heartbeatInterval: HEARTBEAT_INTERVAL_MS })
}, { name: 'server-sent-events' })
