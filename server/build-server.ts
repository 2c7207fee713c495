import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from 'fastify'
import type { Logger } from 'pino'
import spillway, { type SpillwayOptions } from '../app.ts'
import { PROBLEM_CONTENT_TYPE, problemJson } from '../services/problem/problem.ts'
import { parseQuery } from '../services/event/query.ts'
import { registerConnectionMetrics } from '../services/metrics/connection-metrics.ts'
import { guardMemoryUsage } from '../services/pressure/memory-usage.ts'
import { keepPace } from './keep-pace.ts'
import { pacedServers } from './paced-servers.ts'

/** Beyond what Node takes of a request's head, so that it is the route that says which length is too much. */
const MOST_PARAM_CHARACTERS = 16_384

export interface ServerOptions extends Omit<SpillwayOptions, 'ownsServer'> {
  log: Logger
}

export interface SpillwayServer {
  /** The server: it listens, and closing it stops all that was started. */
  readonly server: FastifyInstance
  /** The Spillway in it, with its decorators. */
  readonly spillway: FastifyInstance
}

/** Builds a server with a Spillway in it and nothing else. It does not listen. */
export async function buildServer (options: ServerOptions): Promise<SpillwayServer> {
  const { config, log } = options
  guardMemoryUsage()
  const servers = pacedServers(config, log)
  const server: FastifyInstance = Fastify({
    serverFactory: servers.serverFactory,
    // The connections answer what is not HTTP, in the order in which it came.
    clientErrorHandler: () => {},
    loggerInstance: log as FastifyBaseLogger,
    // A line per request would cost more than the request.
    logController: new LogController({ disableRequestLogging: true }),
    return503OnClosing: false,
    // An embedded Redis with a large append-only file takes its time to load, and keeps its own deadline.
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
    // Not a promise of it: an instance of Fastify is itself awaited.
    const inside: FastifyInstance[] = []
    await server.register(async (scope) => {
      inside.push(scope)
      await spillway(scope, { ...options, ownsServer: true })
    })
    const [scope] = inside as [FastifyInstance]
    keepPace(server, servers, config)
    registerConnectionMetrics(scope.metricsRegistry, servers.connections)
    return { server, spillway: scope }
  } catch (error) {
    // The failed start must leave nothing running, least of all an embedded Redis.
    await server.close()
    throw error
  }
}
