import { join } from 'node:path'
import autoload from '@fastify/autoload'
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import Fastify, { LogController, type FastifyBaseLogger, type FastifyInstance, type FastifyReply } from 'fastify'
import type { Logger } from 'pino'
import admission from './plugins/admission.ts'
import bodiesInFlight from './plugins/bodies-in-flight.ts'
import config from './plugins/config.ts'
import connections, { pacedServers, type PacedServers } from './plugins/connections.ts'
import contentTypes from './plugins/content-types.ts'
import dashboard from './plugins/dashboard.ts'
import deadLetters from './plugins/dead-letters.ts'
import fleet from './plugins/fleet.ts'
import history from './plugins/history.ts'
import intake from './plugins/intake.ts'
import jobBrowser from './plugins/job-browser.ts'
import knownPaths from './plugins/known-paths.ts'
import largeBodies from './plugins/large-bodies.ts'
import ledger from './plugins/ledger.ts'
import lifecycle from './plugins/lifecycle.ts'
import metrics from './plugins/metrics.ts'
import openapi from './plugins/openapi.ts'
import operatorAccess from './plugins/operator-access.ts'
import policies, { type PoliciesOptions } from './plugins/policies.ts'
import preparedAnswers from './plugins/prepared-answers.ts'
import pressure from './plugins/pressure.ts'
import problemDetails, { PROBLEM_CONTENT_TYPE, problemJson } from './plugins/problem-details.ts'
import queue from './plugins/queue.ts'
import queueStatus from './plugins/queue-status.ts'
import receipt from './plugins/receipt.ts'
import redis from './plugins/redis.ts'
import settings from './plugins/settings.ts'
import spool from './plugins/spool.ts'
import spoolDrain from './plugins/spool-drain.ts'
import tracing from './plugins/tracing.ts'
import unrouted from './plugins/unrouted.ts'
import worker, { type WorkerPluginOptions } from './plugins/worker.ts'
import workerDemand from './plugins/worker-demand.ts'
import type { Config } from './services/config/schema.ts'
import { parseQuery } from './services/event/query.ts'

export interface AppOptions {
  config: Config
  log: Logger
  /** Handlers to run instead of those in workers/handlers/, for tests and embedding. */
  handlers?: WorkerPluginOptions['handlers']
  /** Folders of admission policies besides the built-in ones. */
  policyFolders?: PoliciesOptions['policyFolders']
}

const ROUTES = join(import.meta.dirname, 'routes')

/** Beyond what Node takes of a request's head, so that it is the route that says which length is too much. */
const MOST_PARAM_CHARACTERS = 16_384

/** Routes of a process that is only a worker: its own health and its own metrics. */
const WORKER_ROUTES = ['api/v1/health', 'api/v1/metrics/prometheus']

/** Composes a Spillway process of the role that `config` names. It does not listen; closing it stops all that it started. */
export async function buildApp ({ config: values, log, handlers, policyFolders }: AppOptions): Promise<FastifyInstance> {
  const servers = pacedServers(values, log)
  const fastify = Fastify({
    ...servers.options,
    loggerInstance: log as FastifyBaseLogger,
    // A line per request would cost more than the request.
    logController: new LogController({ disableRequestLogging: true }),
    // Nor is a logger made for each: a line about a request says which one it is.
    childLoggerFactory: (logger) => logger,
    return503OnClosing: false,
    // An embedded Redis with a large append-only file takes its time to load, and keeps its own deadline.
    pluginTimeout: 0,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MOST_PARAM_CHARACTERS, querystringParser: parseQuery },
    frameworkErrors: (error, _request, reply) => {
      // A request that cannot be routed gets a reply without decorators.
      const status = error.statusCode ?? 400
      const answer = reply as FastifyReply
      answer.code(status).type(PROBLEM_CONTENT_TYPE).send(problemJson({ status, slug: 'invalid-request', detail: error.message }))
    }
  }).withTypeProvider<TypeBoxTypeProvider>().setValidatorCompiler(TypeBoxValidatorCompiler)
  try {
    await compose(fastify, values, servers, { handlers, policyFolders })
  } catch (error) {
    // The failed start must leave nothing running, least of all an embedded Redis.
    await fastify.close()
    throw error
  }
  return fastify as unknown as FastifyInstance
}

async function compose (
  fastify: FastifyInstance, values: Config, servers: PacedServers,
  { handlers, policyFolders }: Pick<AppOptions, 'handlers' | 'policyFolders'>
): Promise<void> {
  const hasWorker = values.ROLE !== 'api'
  const isOnlyWorker = values.ROLE === 'worker'

  await fastify.register(config, { config: values })
  await fastify.register(lifecycle)
  await fastify.register(problemDetails)
  await fastify.register(knownPaths)
  await fastify.register(tracing)
  await fastify.register(metrics)
  await fastify.register(connections, { servers })
  await fastify.register(pressure)
  await fastify.register(redis)
  await fastify.register(queue)
  await fastify.register(policies, { policyFolders })
  await fastify.register(settings)
  await fastify.register(workerDemand)
  await fastify.register(ledger)
  await fastify.register(spool)
  await fastify.register(bodiesInFlight)
  await fastify.register(admission)
  await fastify.register(fleet)
  await fastify.register(spoolDrain)
  await fastify.register(deadLetters)
  await fastify.register(queueStatus)
  await fastify.register(history)
  await fastify.register(intake)
  await fastify.register(largeBodies)
  if (hasWorker) await fastify.register(worker, { handlers })
  if (!isOnlyWorker) {
    await fastify.register(receipt)
    await fastify.register(contentTypes)
    await fastify.register(operatorAccess)
    await fastify.register(preparedAnswers)
    await fastify.register(openapi)
    await fastify.register(jobBrowser)
    await fastify.register(dashboard)
  }
  await fastify.register(autoload, {
    dir: ROUTES,
    // An index.ts is a route; what stands beside it is its own business.
    matchFilter: (path: string) => path.endsWith('/index.ts') && (!isOnlyWorker || WORKER_ROUTES.some((route) => path.includes(route))),
    // A folder `_name` is a parameter.
    routeParams: true,
    forceESM: true
  })
  await fastify.register(unrouted)
}
