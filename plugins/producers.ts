import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest, FastifySchema, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { StartFault } from '../services/config/start-fault.ts'
import type { ApiPort } from '../services/connections/api-port.ts'
import { whenOver } from '../services/connections/when-over.ts'
import { throttled } from '../services/logging/throttled-log.ts'
import { registerProducerMetrics } from '../services/metrics/producer-metrics.ts'
import { problemExample, problemResponse } from '../services/problem/problem-schema.ts'
import { Authenticator } from '../services/producer/authenticator.ts'
import {
  AUTH_PROBLEMS, enter, isRefused, KEY_BUSY, scopeProblem, type RefusedEntry, type RouteNeeds
} from '../services/producer/entry.ts'
import { openKeyFile } from '../services/producer/key-file.ts'
import { KeyOrders } from '../services/producer/key-orders.ts'
import { KeySlots } from '../services/producer/key-slots.ts'
import { KeyStore } from '../services/producer/key-store.ts'
import { keylessStart } from '../services/producer/keyless-start.ts'
import { KeyUse } from '../services/producer/key-use.ts'
import { KnownKeys } from '../services/producer/known-keys.ts'
import type { Producer, Scope } from '../services/producer/producer.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Tells who sends a request. */
    authenticator: Authenticator
    knownKeys: KnownKeys
    keyStore: KeyStore
    keyOrders: KeyOrders
    /** The open streams of each key. */
    keyStreams: KeySlots
    /** Tells whether the key of a request that lasts is still in force. */
    isInForce: (request: FastifyRequest) => Promise<boolean>
    /** Ends an answer that lasts when the key of its request is no longer in force. */
    endWithKey: (request: FastifyRequest, answer: ServerResponse) => void
  }
  interface FastifyRequest {
    /** The sender of the request; unset on a public route. */
    producer: Producer
  }
  interface FastifyContextConfig {
    /** The scope that a key needs, or several of which one suffices. Each route declares it. */
    scope?: Scope | readonly Scope[] | 'public'
    /** Set by routes that show all organizations: a key that is bound to one does not suffice. */
    isForWholeService?: boolean
  }
}

/** How often an answer that lasts looks for the end of its key. */
const KEY_CHECK_INTERVAL_MS = 1_000

/** The first step of every request: its producer, and whether that may use the route. */
export default fp(async (fastify) => {
  const {
    backpressure, bindings, config, hasAdminPort, identityProvider, log, metricsRegistry, portOf, portsOf, queue,
    queueMonitor, redis, trustedClock
  } = fastify
  const keys = new KnownKeys()
  const use = new KeyUse()
  const store = new KeyStore({
    redis,
    keys: queue.keys,
    repair: queue.repair,
    known: keys,
    onDamaged: (id, problems) => {
      log.error({ event: 'key-unreadable', id, problems }, 'an API key in Redis cannot be read; the others stay in force')
    },
    onError: throttled((error, suppressed) => {
      log.warn({ event: 'keys-not-read', err: error, suppressed }, 'the API keys in Redis cannot be read; known ones stay')
    }, () => performance.now())
  })
  const authenticator = new Authenticator({
    keys,
    tokens: identityProvider?.tokens,
    adminToken: config.ADMIN_TOKEN,
    mayBeAnonymous: (port) => bindings[port].isLoopback || config.ALLOW_ANONYMOUS_PRODUCERS,
    isCurrent: () => store.isCurrent && backpressure.signals.isDepthKnown,
    now: () => trustedClock.now,
    onUsed: (id, now) => use.record(id, now)
  })
  fastify.decorate('authenticator', authenticator)
  fastify.decorate('knownKeys', keys)
  fastify.decorate('keyStore', store)
  fastify.decorate('keyOrders', new KeyOrders({ known: keys, store, now: () => Date.now() }))
  fastify.decorateRequest('producer', null as unknown as Producer)

  if (config.API_KEYS_FILE !== undefined) {
    const file = await openKeyFile({
      path: config.API_KEYS_FILE, log: log as Logger, onChange: (records) => keys.adoptFile(records)
    })
    fastify.addHook('onClose', () => file.close())
  }
  // Requests before the first sample need keys too. Without Redis the keys of the file are known.
  await store.load(config.REDIS_COMMAND_TIMEOUT_MS).catch(() => {})
  queueMonitor.onReading(({ control }) => {
    store.observe(control)
    const used = use.take()
    if (used !== undefined) store.recordUsed(used).catch(() => {})
  })
  queueMonitor.onLost(() => store.lose())

  const metrics = registerProducerMetrics(metricsRegistry, {
    keys: () => ({ ...keys.bySource, provider: identityProvider?.keySet.size ?? 0 }),
    isProviderAway: () => identityProvider?.keySet.isAway === true,
    keySetAgeSeconds: () => identityProvider?.keySet.ageSeconds
  })
  const logRefused = throttled((error, suppressed) => {
    log.warn({ event: 'producer-refused', reason: error.message, suppressed }, 'refused a request because of its key or JWT')
  }, () => performance.now())

  function answerRefused (reply: FastifyReply, { cause, problem }: RefusedEntry): void {
    metrics.refused(cause)
    logRefused(new Error(cause))
    if (problem.retryAfterSeconds !== undefined) reply.header('retry-after', String(problem.retryAfterSeconds))
    reply.problem(problem)
  }

  const requestSlots = new KeySlots(config.KEY_MAX_REQUESTS)
  fastify.decorate('keyStreams', new KeySlots(config.KEY_MAX_STREAMS))
  function holdSlot (id: string, request: FastifyRequest, reply: FastifyReply): boolean {
    if (!requestSlots.take(id)) return false
    whenOver(request.raw, reply.raw, () => requestSlots.give(id))
    return true
  }

  async function isInForce (request: FastifyRequest): Promise<boolean> {
    if (!request.producer.isKey) return true
    const outcome = await authenticator.authenticate(request.headers, portOf(request), false, true)
    // Redis may be away, so only an end that is known ends anything.
    return outcome === 'unknowable' || (typeof outcome === 'object' && 'id' in outcome && outcome.id === request.producer.id)
  }
  fastify.decorate('isInForce', isInForce)
  fastify.decorate('endWithKey', (request, answer) => {
    const endIfOver = async () => {
      if (!await isInForce(request)) answer.end()
    }
    const watch = setInterval(() => void endIfOver(), KEY_CHECK_INTERVAL_MS).unref()
    answer.once('close', () => clearInterval(watch))
  })

  const routes: RouteOptions[] = []
  fastify.addHook('onRoute', (route: RouteOptions) => {
    routes.push(route)
    let needs: RouteNeeds | 'public' | undefined
    const authenticate = (request: FastifyRequest, reply: FastifyReply, next: () => void): void => {
      // Later hooks complete the declaration of a route.
      needs ??= needsOf(route)
      if (needs === 'public') return next()
      const outcome = enter(authenticator, needs, request.headers, portOf(request))
      // Only a JWT that is new to this process has to be verified first.
      if (outcome instanceof Promise) outcome.then((late) => admit(late, request, reply, next), next)
      else admit(outcome, request, reply, next)
    }
    const admit = (
      outcome: Producer | RefusedEntry, request: FastifyRequest, reply: FastifyReply, next: () => void
    ): void => {
      if (isRefused(outcome)) {
        const { problem: { status } } = outcome
        if (status === 401) reply.header('www-authenticate', challengeFor(request, needs as RouteNeeds))
        return answerRefused(reply, outcome)
      }
      if (outcome.isKey && !holdSlot(outcome.id, request, reply)) return answerRefused(reply, KEY_BUSY)
      request.producer = outcome
      next()
    }
    route.onRequest = [authenticate, ...[route.onRequest ?? []].flat()]
    const { scope } = route.config ?? {}
    if (scope === undefined || scope === 'public') return
    const [port = 'main'] = portsOf(route.config)
    route.schema = documented(route.schema ?? {}, route, authenticator, port)
  })
  fastify.addHook('onReady', async () => {
    for (const { method, url, config: declared } of routes) {
      if (declared?.scope !== undefined) continue
      throw new Error(`${[method].flat().join()} ${url} declares no scope; add { scope } to the config of the route`)
    }
    if (config.ROLE === 'worker' || authenticator.hasKeys || !keys.isComplete) return
    const keyless = keylessStart(config, hasAdminPort, (port) => authenticator.isOpen(port))
    if (keyless !== undefined) throw new StartFault('NO_API_KEY', `${keyless.problem}: ${keyless.remedy}`)
  })
}, {
  name: 'producers',
  dependencies: [
    'admission', 'config', 'identity-provider', 'metrics', 'ports', 'problem-details', 'queue', 'redis', 'trusted-clock'
  ]
})

function needsOf ({ config = {} }: RouteOptions): RouteNeeds | 'public' {
  const { scope = [], isOperator = false, isForWholeService = false, intake } = config
  if (scope === 'public') return scope
  return { scopes: scopesOf(scope), isOperator, isForWholeService, mayBePassword: intake === undefined }
}

function scopesOf (scope: Scope | readonly Scope[]): readonly Scope[] {
  return typeof scope === 'string' ? [scope] : scope
}

/** A challenge for Basic makes a browser prompt its user. A request from a script gets one that does not prompt. */
function challengeFor ({ headers }: FastifyRequest, { mayBePassword }: RouteNeeds): string {
  const mode = headers['sec-fetch-mode']
  const isNavigation = mode === undefined ? headers.accept?.includes('text/html') === true : mode === 'navigate'
  return `${isNavigation && mayBePassword ? 'Basic' : 'Bearer'} realm="Spillway"`
}

/** Documents the keys of a route: they are in the document even while none is required. */
function documented (
  schema: FastifySchema, { config = {} }: RouteOptions, authenticator: Authenticator, port: ApiPort
): FastifySchema {
  const { scope, isOperator = false, intake } = config
  const isOptional = authenticator.isOpen(port) && !(isOperator && authenticator.isSecretNeeded(port))
  const response = (schema.response ?? {}) as Record<string, unknown>
  const scopes = scopesOf(scope as Scope)
  const examples = { scope: problemExample(scopeProblem(scopes)) }
  return {
    ...schema,
    security: [...isOptional ? [{}] : [], { bearer: [] }, { apiKey: [] }, ...intake === undefined ? [{ basic: [] }] : []],
    response: {
      403: problemResponse(`The key has no scope ${scopes.join(' or ')}, or its rights do not suffice.`, { examples }),
      ...response,
      401: problemResponse('A key is required, and the request presents none that is valid.', {
        examples: { unauthorized: problemExample(AUTH_PROBLEMS.missing) }
      })
    }
  }
}
