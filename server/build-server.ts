import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from 'fastify'
import type { Logger } from 'pino'
import spillway, { type SpillwayOptions } from '../app.ts'
import { PROBLEM_CONTENT_TYPE, problemJson } from '../services/problem/problem.ts'
import { parseQuery } from '../services/event/query.ts'
import { registerConnectionMetrics } from '../services/metrics/connection-metrics.ts'
import { listening } from '../services/connections/server-options.ts'
import { guardMemoryUsage } from '../services/pressure/memory-usage.ts'
import { endpointsOf } from '../services/config/endpoints.ts'
import { AdminServer } from './admin-server.ts'
import { keepPace } from './keep-pace.ts'
import { pacedServers } from './paced-servers.ts'

/** Exceeds the limit of Node.js on a request head, so that the route decides which length is too much. */
const MOST_PARAM_CHARACTERS = 16_384

export interface ServerOptions extends Omit<SpillwayOptions, 'ownsServer' | 'adminAddresses'> {
  log: Logger
  /** Whether other processes listen on the same ports. */
  sharesPorts?: boolean
}

export interface SpillwayServer {
  /** The server. Closing it stops everything that it started. */
  readonly server: FastifyInstance
  /** The Spillway instance in it, with its decorators. */
  readonly spillway: FastifyInstance
  /** The servers of ADMIN_PORT, if it is set. They close with the server. */
  readonly admin: AdminServer | undefined
}

/** Builds a server that contains only a Spillway. It does not listen yet. */
export async function buildServer (options: ServerOptions): Promise<SpillwayServer> {
  const { config, log, sharesPorts } = options
  const how = listening(sharesPorts)
  guardMemoryUsage()
  const servers = pacedServers(config, log)
  const { admin: endpoint } = endpointsOf(config)
  const admin = endpoint && new AdminServer(endpoint, servers, how, () => server.ready())
  const server: FastifyInstance = Fastify({
    serverFactory: servers.serverFactory,
    // The connections answer input that is not HTTP, in the order in which it arrived.
    clientErrorHandler: () => {},
    loggerInstance: log as FastifyBaseLogger,
    // A line per request would cost more than the request.
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: false,
    // An embedded Redis needs time to load a large append-only file, and has its own deadline.
    pluginTimeout: 0,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MOST_PARAM_CHARACTERS, querystringParser: parseQuery },
    frameworkErrors: (error, _request, reply) => {
      // A request that cannot be routed gets a reply without decorators.
      const status = error.statusCode ?? 400
      const answer = reply as FastifyReply
      const problem = problemJson({ status, slug: 'invalid-request', detail: error.message })
      answer.code(status).type(PROBLEM_CONTENT_TYPE).send(problem)
    }
  })
  try {
    // Not a promise of the instance: an instance of Fastify is itself thenable.
    const inside: FastifyInstance[] = []
    await server.register(async (scope) => {
      inside.push(scope)
      await spillway(scope, {
        ...options, ownsServer: true, ...(admin !== undefined && { adminAddresses: () => admin.addresses })
      })
    })
    const [scope] = inside as [FastifyInstance]
    keepPace(server, servers, admin, config, how)
    registerConnectionMetrics(scope.metricsRegistry, servers.connections)
    return { server, spillway: scope, admin }
  } catch (error) {
    // The failed start must leave nothing running, least of all an embedded Redis.
    await server.close()
    throw error
  }
}
