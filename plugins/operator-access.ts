import type { FastifyReply, FastifyRequest, FastifySchema, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { adminTokenCheck } from '../services/access/admin-token.ts'
import { isCrossSite } from '../services/access/cross-site.ts'
import { isLoopbackAddress, isLoopbackHost } from '../services/access/loopback.ts'
import { throttled } from '../services/logging/throttled-log.ts'
import { problemExample, problemResponse } from '../services/problem/problem-schema.ts'
import type { Problem } from './problem-details.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set by routes that are for operators alone: no page of another site reaches them, and without ADMIN_TOKEN, where it is set, nobody. */
    isOperator?: boolean
  }
}

/** An operator sends a few words, unless the route says otherwise. */
const OPERATOR_BODY_LIMIT_BYTES = 4_096

/** Answers to operators hold payloads; no page frames them, not even a refusal. */
const OPERATOR_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' }

const FOREIGN_HOST = {
  status: 403, slug: 'foreign-host', detail: 'Without ADMIN_TOKEN a service on loopback takes this under the name localhost or an address of loopback only'
}
const CROSS_SITE = { status: 403, slug: 'cross-site', detail: 'Pages of other sites may not do this' }
const UNAUTHORIZED = { status: 401, slug: 'unauthorized', detail: 'Present ADMIN_TOKEN as bearer token, or as password with any user name' }

export default fp(async (fastify) => {
  const { config, log } = fastify
  const isLoopback = isLoopbackAddress(config.HOST)
  const isTokenPresented = config.ADMIN_TOKEN === undefined ? undefined : adminTokenCheck(config.ADMIN_TOKEN)
  const logRefused = throttled((error, suppressed) => {
    log.warn({ event: 'operator-refused', reason: error.message, suppressed }, 'a request for an operator\'s route was refused')
  }, () => performance.now())

  function refusalOf ({ method, headers }: FastifyRequest): Problem | undefined {
    // With a token a name that was made to resolve to loopback is of no use: nothing makes a browser send the token there.
    if (isLoopback && isTokenPresented === undefined && !isLoopbackHost(headers.host)) return FOREIGN_HOST
    if (isCrossSite(method, headers)) return CROSS_SITE
    return isTokenPresented?.(headers.authorization) === false ? UNAUTHORIZED : undefined
  }

  function refuseStrangers (request: FastifyRequest, reply: FastifyReply, next: () => void): void {
    const refusal = refusalOf(request)
    reply.headers(OPERATOR_HEADERS)
    if (refusal === undefined) return next()
    logRefused(new Error(refusal.slug))
    if (refusal === UNAUTHORIZED) reply.header('www-authenticate', `${isNavigation(request) ? 'Basic' : 'Bearer'} realm="Spillway"`)
    reply.problem(refusal)
  }

  function recordAction ({ method, url, ip }: FastifyRequest, { statusCode }: FastifyReply, next: () => void): void {
    // Refusals are logged above, and not one by one.
    if (statusCode === UNAUTHORIZED.status || statusCode === CROSS_SITE.status) return next()
    const path = url.split('?', 1)[0]
    log.info({ event: 'operator-action', method, path, statusCode, ip }, `an operator's ${method} ${path} was answered ${statusCode}`)
    next()
  }

  let isAnyRoute = false
  fastify.addHook('onRoute', (route: RouteOptions) => {
    if (route.config?.isOperator !== true) return
    isAnyRoute = true
    route.onRequest = [refuseStrangers, ...[route.onRequest ?? []].flat()]
    if (![route.method].flat().every(isReading)) route.onResponse = [...[route.onResponse ?? []].flat(), recordAction]
    route.bodyLimit ??= OPERATOR_BODY_LIMIT_BYTES
    route.schema = documented(route.schema ?? {}, isTokenPresented !== undefined)
  })
  fastify.addHook('onReady', async () => {
    if (isLoopback || isTokenPresented !== undefined || !isAnyRoute) return
    log.warn({ event: 'operator-routes-open', host: config.HOST }, 'anybody who reaches this port can read payloads, pause workers and delete dead letters: set ADMIN_TOKEN')
  })
}, { name: 'operator-access', dependencies: ['config', 'problem-details'] })

function isReading (method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** A challenge for a password makes a browser ask its user; what a page fetches is to be told and not to ask. */
function isNavigation ({ headers }: FastifyRequest): boolean {
  const mode = headers['sec-fetch-mode']
  return mode === undefined ? headers.accept?.includes('text/html') === true : mode === 'navigate'
}

/** Documents how a route for operators authenticates; without ADMIN_TOKEN that is optional, and clients still learn it. */
function documented (schema: FastifySchema, isTokenNeeded: boolean): FastifySchema {
  const unknown = { examples: { unauthorized: problemExample(UNAUTHORIZED) } }
  const strange = { examples: { crossSite: problemExample(CROSS_SITE), foreignHost: problemExample(FOREIGN_HOST) } }
  return {
    ...schema,
    security: [...isTokenNeeded ? [] : [{}], { bearer: [] }, { basic: [] }],
    response: {
      ...schema.response as object,
      401: problemResponse('The service has an ADMIN_TOKEN, and the request does not present it.', unknown),
      403: problemResponse('A page of another site sends the request, or it names a foreign host.', strange)
    }
  }
}
