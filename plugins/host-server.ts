import fp from 'fastify-plugin'
import { requestFault } from '../services/connections/request-fault.ts'
import { IDLE_TIMEOUT_MS } from '../services/connections/server-options.ts'

/**
 * Bounds requests in a server that a host made, which may have no bounds. The server in server/ has these bounds and
 * further ones on each connection.
 */
export default fp(async (fastify) => {
  const { server } = fastify
  fastify.addHook('onRequest', (request, reply, next) => {
    const { raw } = request
    // Otherwise a stream from a silent sender would keep its place for ever.
    if (server.timeout === 0) raw.socket.setTimeout?.(IDLE_TIMEOUT_MS)
    const fault = requestFault(raw)
    if (fault === undefined) return next()
    reply.header('connection', 'close').problem({ status: 400, slug: 'invalid-request', detail: fault })
  })
}, { name: 'host-server', dependencies: ['problem-details'] })
