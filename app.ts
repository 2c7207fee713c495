import { join } from 'node:path'
import autoload from '@fastify/autoload'
import { SerializerSelector } from '@fastify/fast-json-stringify-compiler'
import { TypeBoxValidatorCompiler } from '@fastify/type-provider-typebox'
import type { FastifyBaseLogger, FastifyInstance, FastifyPluginAsync, FastifySerializerCompiler } from 'fastify'
import type { Logger } from 'pino'
import admission from './plugins/admission.ts'
import arrivals from './plugins/arrivals.ts'
import bodiesInFlight from './plugins/bodies-in-flight.ts'
import config from './plugins/config.ts'
import contentTypes from './plugins/content-types.ts'
import control from './plugins/control.ts'
import crossOrigin from './plugins/cross-origin.ts'
import dashboard from './plugins/dashboard.ts'
import deadLetters from './plugins/dead-letters.ts'
import fleet from './plugins/fleet.ts'
import forecast from './plugins/forecast.ts'
import history from './plugins/history.ts'
import hostServer from './plugins/host-server.ts'
import identityProvider from './plugins/identity-provider.ts'
import intake from './plugins/intake.ts'
import jobBrowser from './plugins/job-browser.ts'
import keyDocumentation from './plugins/key-documentation.ts'
import keys from './plugins/keys.ts'
import knownPaths from './plugins/known-paths.ts'
import largeBodies from './plugins/large-bodies.ts'
import lastingRequests from './plugins/lasting-requests.ts'
import ledger from './plugins/ledger.ts'
import lifecycle from './plugins/lifecycle.ts'
import metrics, { type MetricsOptions } from './plugins/metrics.ts'
import openapi from './plugins/openapi.ts'
import operatorAccess from './plugins/operator-access.ts'
import organizationFigures from './plugins/organization-figures.ts'
import organizations from './plugins/organizations.ts'
import policies, { type PoliciesOptions } from './plugins/policies.ts'
import ports, { type PortsOptions } from './plugins/ports.ts'
import preparedAnswers from './plugins/prepared-answers.ts'
import pressure from './plugins/pressure.ts'
import problemDetails from './plugins/problem-details.ts'
import producers from './plugins/producers.ts'
import queue from './plugins/queue.ts'
import queueStatus from './plugins/queue-status.ts'
import quotas from './plugins/quotas.ts'
import receipt from './plugins/receipt.ts'
import redis from './plugins/redis.ts'
import refusals from './plugins/refusals.ts'
import settings from './plugins/settings.ts'
import shadow from './plugins/shadow.ts'
import spool from './plugins/spool.ts'
import statements from './plugins/statements.ts'
import spoolDrain from './plugins/spool-drain.ts'
import tracing from './plugins/tracing.ts'
import trustedClock from './plugins/trusted-clock.ts'
import unrouted from './plugins/unrouted.ts'
import worker, { type WorkerPluginOptions } from './plugins/worker.ts'
import workerDemand from './plugins/worker-demand.ts'
import type { Config } from './services/config/schema.ts'
import { oncePerSchema } from './services/schema/once-per-schema.ts'
import { withoutUnions } from './services/schema/without-unions.ts'

/** Options besides `prefix` and those that Fastify itself reads. */
export interface SpillwayOptions {
  config: Config
  /** The logger that Spillway writes to; the logger of the host by default. */
  log?: Logger
  /** Handlers to run instead of those in workers/handlers/. */
  handlers?: WorkerPluginOptions['handlers']
  /** Folders of admission policies besides the built-in ones. */
  policyFolders?: PoliciesOptions['policyFolders']
  /** Aborted when the host is about to close: readiness fails first, so that traffic goes elsewhere in time. */
  stopping?: AbortSignal
  /** Whether Spillway is alone in the server. It then also answers `/` and paths that no route has. */
  ownsServer?: boolean
  /** Merges the page of metrics of this process with those of processes that share its port. */
  mergePages?: MetricsOptions['mergePages']
  /** Set if a server of its own listens on ADMIN_PORT, which then separates the routes: returns its addresses. */
  adminAddresses?: PortsOptions['adminAddresses']
}

const serializerOf = SerializerSelector()({}, { compileValidators: true }) as FastifySerializerCompiler<unknown>

/** Serializers depend on nothing of an instance, so all of them share one compiler. None compiles anything later. */
const compileSerializer: FastifySerializerCompiler<unknown> =
  oncePerSchema((route) => serializerOf({ ...route, schema: withoutUnions(route.schema) }))

const ROUTES = join(import.meta.dirname, 'routes')

/** Routes of a process that is only a worker: its health and its metrics. */
const WORKER_ROUTES = ['api/v1/health', 'api/v1/metrics/prometheus']

/** A host may log each request and each answer; their headers may hold tokens. */
const REQUEST_SERIALIZERS = {
  req: ({ method, url }: { method: string, url: string }) => ({ method, url }),
  res: ({ statusCode }: { statusCode: number }) => ({ statusCode })
}

/**
 * Spillway as a Fastify plugin: plugins in the order in which a request meets them, then the routes. Everything is
 * encapsulated: parsers, hooks, handlers, decorators and metrics do not reach the host, and a host may register
 * several.
 */
const spillway: FastifyPluginAsync<SpillwayOptions> = async (fastify, options) => {
  const { config: values, log, handlers, policyFolders, stopping, ownsServer = false } = options
  const { mergePages, adminAddresses } = options
  const hasWorker = values.ROLE !== 'api'
  const isOnlyWorker = values.ROLE === 'worker'

  const ownsPaths = ownsServer || fastify.prefix !== ''

  useOwn(fastify, log)
  await fastify.register(config, { config: values })
  await fastify.register(lifecycle, { stopping })
  await fastify.register(problemDetails)
  await fastify.register(ports, { adminAddresses })
  if (!isOnlyWorker) await fastify.register(crossOrigin)
  await fastify.register(knownPaths)
  await fastify.register(tracing)
  await fastify.register(metrics, { mergePages })
  if (!ownsServer) await fastify.register(hostServer)
  await fastify.register(pressure)
  await fastify.register(redis)
  await fastify.register(queue)
  await fastify.register(trustedClock)
  await fastify.register(policies, { policyFolders })
  await fastify.register(settings)
  await fastify.register(workerDemand)
  await fastify.register(control)
  await fastify.register(forecast)
  await fastify.register(ledger)
  await fastify.register(organizations)
  await fastify.register(statements)
  await fastify.register(arrivals)
  await fastify.register(spool)
  await fastify.register(bodiesInFlight)
  await fastify.register(admission)
  await fastify.register(identityProvider)
  await fastify.register(keys)
  await fastify.register(producers)
  await fastify.register(keyDocumentation)
  await fastify.register(lastingRequests)
  await fastify.register(refusals)
  await fastify.register(shadow)
  await fastify.register(fleet)
  if (!isOnlyWorker) await fastify.register(quotas)
  await fastify.register(spoolDrain)
  await fastify.register(deadLetters)
  await fastify.register(queueStatus)
  await fastify.register(history)
  await fastify.register(intake)
  await fastify.register(largeBodies)
  if (hasWorker) await fastify.register(worker, { handlers })
  if (!isOnlyWorker) {
    await fastify.register(organizationFigures)
    await fastify.register(receipt)
    await fastify.register(contentTypes)
    await fastify.register(operatorAccess)
    await fastify.register(preparedAnswers)
    await fastify.register(openapi)
    await fastify.register(jobBrowser)
    await fastify.register(dashboard, { isHome: ownsPaths })
  }
  await fastify.register(autoload, {
    dir: ROUTES,
    // Only an index.ts is a route; the files beside it are its parts.
    matchFilter: (path: string) =>
      path.endsWith('/index.ts') && (!isOnlyWorker || WORKER_ROUTES.some((route) => path.includes(route))),
    // A folder `_name` is a parameter.
    routeParams: true,
    forceESM: true
  })
  if (ownsPaths) await fastify.register(unrouted)
}

/** Restores defaults that a host may have changed for everything that is registered in it. */
function useOwn (fastify: FastifyInstance, log: Logger | undefined): void {
  fastify.setValidatorCompiler(TypeBoxValidatorCompiler)
  fastify.setSerializerCompiler(compileSerializer)
  fastify.setReplySerializer(undefined as never)
  if (log === undefined) return
  fastify.log = log as FastifyBaseLogger
  // All requests share one logger, which costs nothing; a line about a request carries its id.
  const requestLog = log.child({}, { serializers: REQUEST_SERIALIZERS })
  fastify.setChildLoggerFactory(() => requestLog as FastifyBaseLogger)
}

export default spillway
