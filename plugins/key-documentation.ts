import type { FastifySchema, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { problemExample, problemResponse } from '../services/problem/problem-schema.ts'
import { authProblem, scopeProblem, scopesOf } from '../services/producer/entry.ts'

/** Documents the keys of each route: they are in the document even while none is required. */
export default fp(async (fastify) => {
  const { authenticator, portsOf } = fastify

  function documented (schema: FastifySchema, { config = {} }: RouteOptions): FastifySchema {
    const { isOperator = false, intake } = config
    const [port = 'main'] = portsOf(config)
    const mayBePassword = intake === undefined
    const isOptional = authenticator.isOpen(port) && !(isOperator && authenticator.isSecretNeeded(port))
    const response = (schema.response ?? {}) as Record<string, unknown>
    const scopes = scopesOf(config)
    const examples = { scope: problemExample(scopeProblem(scopes)) }
    return {
      ...schema,
      security: [...isOptional ? [{}] : [], { bearer: [] }, { apiKey: [] }, ...mayBePassword ? [{ basic: [] }] : []],
      response: {
        403: problemResponse(`The key has no scope ${scopes.join(' or ')}, or its rights do not suffice.`, { examples }),
        ...response,
        401: problemResponse('A key is required, and the request presents none that is valid.', {
          examples: { unauthorized: problemExample(authProblem('missing', mayBePassword)) }
        })
      }
    }
  }

  fastify.addHook('onRoute', (route: RouteOptions) => {
    const { scope } = route.config ?? {}
    if (scope !== undefined && scope !== 'public') route.schema = documented(route.schema ?? {}, route)
  })
}, { name: 'key-documentation', dependencies: ['ports', 'producers'] })
