import type { FastifyReply, FastifyRequest } from 'fastify'
import fp from 'fastify-plugin'
import { quoted } from '../services/event/quoted.ts'

/** Answers 405 for a known path, else 404. Registered last: its scope has the hooks that exist before it. */
export default fp(async (fastify) => {
  const { hasAdminPort, rootPath } = fastify
  // An API and a worker have two ports, an API may have two of its own, and people confuse them.
  const advice = (request: FastifyRequest) => {
    if (fastify.config.ROLE === 'worker') return '; this process is only a worker, send the request to the API'
    if (!hasAdminPort) return `; see ${rootPath}/docs for all routes`
    return fastify.portOf(request) === 'main'
      ? ' here; this port accepts events, and ADMIN_PORT has the routes for operators'
      : ` here; PORT accepts events, and ${rootPath}/docs has all routes`
  }

  function answer (request: FastifyRequest, reply: FastifyReply): void {
    const { method } = request
    const whole = request.url.split('?', 1)[0] as string
    const port = fastify.portOf(request)
    const methods = fastify.methodsOf(port, whole)
    const path = quoted(whole)
    // The path has the method, so a route called this itself for a file that does not exist.
    if (methods === undefined || (methods.has(method) && method !== 'OPTIONS')) {
      const detail = `There is no ${method} ${path}${advice(request)}`
      reply.problem({ status: 404, slug: 'not-found', detail })
      return
    }
    const allow = [...methods].toSorted().join(', ')
    reply.header('allow', allow)
    if (method === 'OPTIONS') {
      reply.code(204).send()
      return
    }
    const other = port === 'main' ? 'admin' : 'main'
    const detail = hasAdminPort && fastify.methodsOf(other, whole)?.has(method) === true
      ? `${path} does not support ${method} here; ${other === 'main' ? 'PORT' : 'ADMIN_PORT'} does`
      : `${path} does not support ${method}; use ${allow}`
    reply.problem({ status: 405, slug: 'method-not-allowed', detail })
  }

  await fastify.register(async (scope) => {
    // The handler alone would run only after the body was read.
    scope.addHook('onRequest', (request, reply, _next) => answer(request, reply))
    scope.setNotFoundHandler(answer)
  })
}, { name: 'unrouted', dependencies: ['config', 'known-paths', 'ports', 'problem-details'] })
