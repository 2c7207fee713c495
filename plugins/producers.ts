import type { FastifyReply, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { StartFault } from '../services/config/start-fault.ts'
import { whenOver } from '../services/connections/when-over.ts'
import { throttled } from '../services/logging/throttled-log.ts'
import { registerProducerMetrics } from '../services/metrics/producer-metrics.ts'
import { Authenticator } from '../services/producer/authenticator.ts'
import {
  enter, isRefused, KEY_BUSY, scopesOf, type DeclaredScope, type RefusedEntry, type RouteNeeds
} from '../services/producer/entry.ts'
import { KeySlots } from '../services/producer/key-slots.ts'
import { keylessStart } from '../services/producer/keyless-start.ts'
import type { Producer } from '../services/producer/producer.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Tells who sends a request. */
    authenticator: Authenticator
  }
  interface FastifyRequest {
    /** The sender of the request; unset on a public route. */
    producer: Producer
  }
  interface FastifyContextConfig {
    /** The scope that a key needs, or several of which one suffices. Each route declares it. */
    scope?: DeclaredScope
    /** Set by routes that show all organizations: a key that is bound to one does not suffice. */
    isForWholeService?: boolean
  }
}

/** The first step of every request: its producer, and whether that may use the route. */
export default fp(async (fastify) => {
  const {
    backpressure, bindings, config, hasAdminPort, identityProvider, keyStore, keyUse, knownKeys, log, metricsRegistry,
    portOf, trustedClock
  } = fastify
  const authenticator = new Authenticator({
    keys: knownKeys,
    tokens: identityProvider?.tokens,
    adminToken: config.ADMIN_TOKEN,
    mayBeAnonymous: (port) => bindings[port].isLoopback || config.ALLOW_ANONYMOUS_PRODUCERS,
    isCurrent: () => keyStore.isCurrent && backpressure.signals.isDepthKnown,
    now: () => trustedClock.now,
    onUsed: (id, now) => keyUse.record(id, now)
  })
  fastify.decorate('authenticator', authenticator)
  fastify.decorateRequest('producer', null as unknown as Producer)

  const metrics = registerProducerMetrics(metricsRegistry, {
    keys: () => ({ ...knownKeys.bySource, provider: identityProvider?.keySet.size ?? 0 }),
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
  function holdSlot (id: string, request: FastifyRequest, reply: FastifyReply): boolean {
    if (!requestSlots.take(id)) return false
    whenOver(request.raw, reply.raw, () => requestSlots.give(id))
    return true
  }

  function entryOf (route: RouteOptions) {
    let needs: RouteNeeds | 'public' | undefined
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
    return (request: FastifyRequest, reply: FastifyReply, next: () => void): void => {
      // Later hooks complete the declaration of a route.
      needs ??= needsOf(route)
      if (needs === 'public') return next()
      const outcome = enter(authenticator, needs, request, portOf(request))
      // Only a JWT that is new to this process has to be verified first.
      if (outcome instanceof Promise) outcome.then((late) => admit(late, request, reply, next), next)
      else admit(outcome, request, reply, next)
    }
  }

  const routes: RouteOptions[] = []
  fastify.addHook('onRoute', (route: RouteOptions) => {
    routes.push(route)
    route.onRequest = [entryOf(route), ...[route.onRequest ?? []].flat()]
  })
  fastify.addHook('onReady', async () => {
    for (const { method, url, config: declared } of routes) {
      if (declared?.scope !== undefined) continue
      throw new Error(`${[method].flat().join()} ${url} declares no scope; add { scope } to the config of the route`)
    }
    if (config.ROLE === 'worker' || authenticator.hasKeys || !knownKeys.isComplete) return
    const keyless = keylessStart(config, hasAdminPort, (port) => authenticator.isOpen(port))
    if (keyless !== undefined) throw new StartFault('NO_API_KEY', `${keyless.problem}: ${keyless.remedy}`)
  })
}, {
  name: 'producers',
  dependencies: [
    'admission', 'config', 'identity-provider', 'keys', 'metrics', 'ports', 'problem-details', 'trusted-clock'
  ]
})

function needsOf ({ config = {} }: RouteOptions): RouteNeeds | 'public' {
  const { scope, isOperator = false, isForWholeService = false, intake } = config
  if (scope === 'public') return scope
  return { scopes: scopesOf(config), isOperator, isForWholeService, mayBePassword: intake === undefined }
}

/** A challenge for Basic makes a browser prompt its user. A request from a script gets one that does not prompt. */
function challengeFor ({ headers }: FastifyRequest, { mayBePassword }: RouteNeeds): string {
  const mode = headers['sec-fetch-mode']
  const isNavigation = mode === undefined ? headers.accept?.includes('text/html') === true : mode === 'navigate'
  return `${isNavigation && mayBePassword ? 'Basic' : 'Bearer'} realm="Spillway"`
}
