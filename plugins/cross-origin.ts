import type { RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { grantTo, isPreflight, parseCorsOrigins, preflightGrant } from '../services/access/cross-origin.ts'

/** Lets pages of CORS_ORIGINS post events. Without that key browsers keep all answers from pages of other origins. */
export default fp(async (fastify) => {
  const { CORS_ORIGINS: text } = fastify.config
  if (text === undefined) return
  const origins = parseCorsOrigins(text)
  const paths = new Set<string>()

  fastify.addHook('onRoute', ({ url, config }: RouteOptions) => {
    if (config?.intake !== undefined) paths.add(withoutSlash(url))
  })
  fastify.addHook('onRequest', (request, reply, next) => {
    const { method, url, headers } = request
    const isAsked = isPreflight(method, headers)
    // The same paths may have other methods, for operators.
    if (!(isAsked || method === 'POST') || !paths.has(withoutSlash(url.split('?', 1)[0] as string))) return next()
    if (fastify.portOf(request) === 'admin') return next()
    const { origin } = headers
    // On the response of Node.js: a refusal before the body bypasses the headers of Fastify.
    reply.raw.setHeader('vary', 'origin')
    const grant = origin === undefined ? undefined : grantTo(origin, origins)
    for (const [name, value] of Object.entries(grant ?? {})) reply.raw.setHeader(name, value)
    if (!isAsked) return next()
    if (grant !== undefined) return reply.code(204).headers(preflightGrant(headers)).send()
    reply.problem({
      status: 403, slug: 'origin-not-allowed', detail: 'Pages of this Origin may not post events; add it to CORS_ORIGINS'
    })
  })
}, { name: 'cross-origin', dependencies: ['config', 'ports', 'problem-details'] })

function withoutSlash (path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}
