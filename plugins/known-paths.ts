import fp from 'fastify-plugin'
import createRouter, { type HTTPMethod } from 'find-my-way'

declare module 'fastify' {
  interface FastifyInstance {
    /** Returns the methods that the path of a request supports; undefined for a path that no route has. */
    methodsOf: (path: string) => ReadonlySet<string> | undefined
  }
}

/** Knows the paths of all routes that are registered after it. */
export default fp(async (fastify) => {
  const methods = new Map<string, Set<string>>()
  fastify.addHook('onRoute', ({ method, url }) => {
    const path = url.length > 1 && url.endsWith('/') ? url.slice(0, -1) : url
    let known = methods.get(path)
    if (known === undefined) methods.set(path, known = new Set(['OPTIONS']))
    for (const name of [method].flat()) known.add(name)
  })

  // A second router with the rules of the first matches paths regardless of their methods.
  const { ignoreTrailingSlash, maxParamLength } = fastify.initialConfig.routerOptions ?? {}
  const paths = createRouter({ ignoreTrailingSlash, maxParamLength })
  const ANY: HTTPMethod = 'GET'
  fastify.addHook('onReady', async () => {
    for (const [path, known] of methods) paths.on(ANY, path, () => {}, known)
  })
  fastify.decorate('methodsOf', (path) => paths.find(ANY, path)?.store as ReadonlySet<string> | undefined)
}, { name: 'known-paths' })
