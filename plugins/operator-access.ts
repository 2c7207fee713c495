import type { FastifyReply, FastifyRequest, FastifySchema, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { CROSS_SITE, FOREIGN_HOST, OperatorGate, UNAUTHORIZED } from '../services/access/operator-gate.ts'
import { throttled } from '../services/logging/throttled-log.ts'
import { problemExample, problemResponse } from '../services/problem/problem-schema.ts'

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

export default fp(async (fastify) => {
  const { config, log } = fastify
  const gate = new OperatorGate(config.HOST, config.ADMIN_TOKEN)
  const logRefused = throttled((error, suppressed) => {
    log.warn({ event: 'operator-refused', reason: error.message, suppressed }, 'a request for an operator\'s route was refused')
  }, () => performance.now())

  function refuseStrangers (request: FastifyRequest, reply: FastifyReply, next: () => void): void {
    const refusal = gate.refusalOf(request.method, request.headers)
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
  let isWarned = false
  fastify.addHook('onRoute', (route: RouteOptions) => {
    if (route.config?.isOperator !== true) return
    isAnyRoute = true
    route.onRequest = [refuseStrangers, ...[route.onRequest ?? []].flat()]
    if (![route.method].flat().every(isReading)) route.onResponse = [...[route.onResponse ?? []].flat(), recordAction]
    route.bodyLimit ??= OPERATOR_BODY_LIMIT_BYTES
    route.schema = documented(route.schema ?? {}, gate.needsToken)
  })
  const warnIfOpen = (host: string) => {
    if (!gate.isOpen || !isAnyRoute || isWarned) return
    isWarned = true
    log.warn({ event: 'operator-routes-open', host }, 'anybody who reaches this port can read payloads, pause workers and delete dead letters: set ADMIN_TOKEN')
  }
  fastify.addHook('onReady', async () => warnIfOpen(config.HOST))
  fastify.addHook('onListen', async () => {
    const addresses = fastify.addresses().map((bound) => typeof bound === 'string' ? [] : bound.address).flat()
    gate.observe(addresses)
    warnIfOpen(addresses.join(', '))
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
