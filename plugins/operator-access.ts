import type { FastifyReply, FastifyRequest, FastifySchema, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { CROSS_SITE, FOREIGN_HOST, OperatorGate } from '../services/access/operator-gate.ts'
import { throttled } from '../services/logging/throttled-log.ts'
import { problemExample, problemResponse } from '../services/problem/problem-schema.ts'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Set by routes for operators only: pages of other sites cannot call them, and a set ADMIN_TOKEN guards them. */
    isOperator?: boolean
  }
}

/** The limit of a body from an operator, which is short unless the route sets another limit. */
const OPERATOR_BODY_LIMIT_BYTES = 4_096

/** Answers to operators hold payloads, so no page may frame them, not even a refusal. */
const OPERATOR_HEADERS = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY' }

export default fp(async (fastify) => {
  const { addressesOf, authenticator, bindings, config, hasAdminPort, log } = fastify
  const gate = new OperatorGate(bindings.admin, () => authenticator.isSecretNeeded('admin'))
  const logRefused = throttled((error, suppressed) => {
    log.warn(
      { event: 'operator-refused', reason: error.message, suppressed },
      'refused a request for a route for operators'
    )
  }, () => performance.now())

  function refuseStrangers (request: FastifyRequest, reply: FastifyReply, next: () => void): void {
    const refusal = gate.refusalOf(request.method, request.headers)
    reply.headers(OPERATOR_HEADERS)
    if (refusal === undefined) return next()
    logRefused(new Error(refusal.slug))
    reply.problem(refusal)
  }

  function recordAction (
    { method, url, ip, producer }: FastifyRequest, { statusCode }: FastifyReply, next: () => void
  ): void {
    // Throttled lines already report refusals.
    if (producer === null || statusCode === CROSS_SITE.status) return next()
    const path = url.split('?', 1)[0]
    const { id: key, name, issuer } = producer
    log.info(
      { event: 'operator-action', method, path, statusCode, ip, key, name, issuer },
      `an operator requested ${method} ${path}; the answer was ${statusCode}`
    )
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
    route.schema = documented(route.schema ?? {})
  })
  const warnIfOpen = (host: string) => {
    if (!gate.isOpen || !isAnyRoute || isWarned) return
    isWarned = true
    log.warn(
      { event: 'operator-routes-open', host },
      'anybody who reaches this port can read payloads, pause workers and delete dead letters; set ADMIN_TOKEN'
    )
  }
  fastify.addHook('onReady', async () => warnIfOpen(hasAdminPort ? config.ADMIN_HOST : config.HOST))
  fastify.addHook('onListen', async () => warnIfOpen(addressesOf('admin').join(', ')))
}, { name: 'operator-access', dependencies: ['config', 'ports', 'problem-details', 'producers'] })

function isReading (method: string): boolean {
  return method === 'GET' || method === 'HEAD'
}

/** Documents the refusals of a route for operators. */
function documented (schema: FastifySchema): FastifySchema {
  const strange = { examples: { crossSite: problemExample(CROSS_SITE), foreignHost: problemExample(FOREIGN_HOST) } }
  const detail = 'A page of another site sent the request, it names an unknown host, or its key has too few rights.'
  return { ...schema, response: { ...schema.response as object, 403: problemResponse(detail, strange) } }
}
