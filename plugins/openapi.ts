import swagger from '@fastify/swagger'
import scalar from '@scalar/fastify-api-reference'
import type { onRequestHookHandler, preHandlerHookHandler } from 'fastify'
import fp from 'fastify-plugin'
import { documentFrame, mainServers } from './openapi/document.ts'
import { answerAlike } from './prepared-answers.ts'
import { PAGE_HEADERS, referencePage } from './openapi/reference-page.ts'

const { version } = (await import('../package.json', { with: { type: 'json' } })).default

const HIDDEN = { schema: { hide: true }, config: { scope: 'read' } } as const

/** Runs first, so that every answer has the headers. */
const setHeaders: onRequestHookHandler = (_request, reply, next) => {
  reply.headers(PAGE_HEADERS)
  next()
}

/** Answers with our page instead of that of the package; the package keeps the route of its script. */
const sendPage = (html: string): preHandlerHookHandler => ({ routeOptions }, reply, next) => {
  if (routeOptions.url?.endsWith('.js') === true) next()
  else reply.type('text/html; charset=utf-8').send(html)
}

export default fp(async (fastify) => {
  const { config, hasAdminPort, portsOf, refusalStatuses, rootPath } = fastify
  const { startPath, startScript, html } = referencePage(rootPath)
  await fastify.register(swagger, { openapi: documentFrame(version, rootPath, refusalStatuses.load) })
  const elsewhere = mainServers(config)
  fastify.addHook('onRoute', (route) => {
    // The document is at ADMIN_PORT, and these routes are not.
    if (hasAdminPort && !portsOf(route.config).includes('admin')) Object.assign(route.schema ??= {}, { servers: elsewhere })
    // The package declares no scope for its routes.
    if (route.url.startsWith(`${rootPath}/docs`)) route.config = { ...HIDDEN.config, ...route.config }
    // The script of the page has 4.8 MB: the answer is made once and sent from memory.
    if (route.url === `${rootPath}/openapi.json` || route.url.startsWith(`${rootPath}/docs/`)) answerAlike(route)
  })
  fastify.get('/openapi.json', HIDDEN, async () => fastify.swagger())
  await fastify.register(scalar, {
    routePrefix: '/docs',
    logLevel: 'silent',
    configuration: { url: `${rootPath}/openapi.json` },
    hooks: { onRequest: setHeaders, preHandler: sendPage(html) }
  })
  fastify.get(startPath, { ...HIDDEN, onRequest: setHeaders }, async (_request, reply) =>
    reply.type('application/javascript; charset=utf-8').send(startScript))
}, { name: 'openapi', dependencies: ['config', 'ports', 'prepared-answers', 'refusals'] })
