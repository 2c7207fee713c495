import type { FastifyInstance, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'

/** The path of the job browser, relative to that of Spillway. */
const PATH = '/admin/queues'

/** The paths of its pages, files and actions. */
const METHODS = ['GET', 'PUT', 'POST', 'PATCH'] as const

export default fp(async (fastify) => {
  const { config, queue, log, rootPath } = fastify
  const mode = config.JOB_BROWSER
  if (mode === 'off') return

  let opening: Promise<FastifyInstance> | undefined
  // Loading it takes a tenth of a second and most processes never need it, so the first request loads it.
  async function openBoard (): Promise<FastifyInstance> {
    const { createJobBoard } = await import('./job-browser/job-board.ts')
    return await createJobBoard({
      shardsOf: () => queue.opened, path: `${rootPath}${PATH}`, mayAct: mode === 'read-write', log
    })
  }

  // One route covers all pages, files and actions, so that the guard cannot miss any.
  await fastify.register(async (scope) => {
    // The board reads bodies itself.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (request, _body, done) => {
      fastify.inviteBody(request)
      done(null)
    })
    const options: Pick<RouteOptions, 'schema' | 'config' | 'handler'> = {
      schema: { hide: true },
      config: { isOperator: true, scope: 'admin', isForWholeService: true },
      handler: async ({ raw }, reply) => {
        opening ??= openBoard()
        // If loading failed, perhaps for want of a file descriptor, the next request tries again.
        opening.catch(() => { opening = undefined })
        const board = await opening
        reply.hijack()
        board.routing(raw, reply.raw)
      }
    }
    scope.route({ ...options, method: 'GET', url: PATH })
    for (const method of METHODS) scope.route({ ...options, method, url: `${PATH}/*` })
  })
  fastify.addHook('onClose', async () => { await (await opening?.catch(() => undefined))?.close() })
}, { name: 'job-browser', dependencies: ['queue', 'operator-access', 'content-types'] })
