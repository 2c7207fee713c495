import fp from 'fastify-plugin'
import createRouter, { type HTTPMethod } from 'find-my-way'
import type { ApiPort } from '../services/connections/api-port.ts'

type Methods = Map<string, Set<string>>

declare module 'fastify' {
  interface FastifyInstance {
    /** Returns the methods that a path supports on a port; undefined for a path that no route has there. */
    methodsOf: (port: ApiPort, path: string) => ReadonlySet<string> | undefined
  }
}

const ANY: HTTPMethod = 'GET'

/** Knows the paths of all routes that are registered after it. */
export default fp(async (fastify) => {
  const { portsOf } = fastify
  const methods: Readonly<Record<ApiPort, Methods>> = { main: new Map(), admin: new Map() }
  fastify.addHook('onRoute', ({ method, url, config }) => {
    const path = url.length > 1 && url.endsWith('/') ? url.slice(0, -1) : url
    for (const port of portsOf(config)) {
      let known = methods[port].get(path)
      if (known === undefined) methods[port].set(path, known = new Set(['OPTIONS']))
      for (const name of [method].flat()) known.add(name)
    }
  })

  // A second router with the rules of the first matches paths regardless of their methods.
  const { ignoreTrailingSlash, maxParamLength } = fastify.initialConfig.routerOptions ?? {}
  const routerOf = () => createRouter({ ignoreTrailingSlash, maxParamLength })
  const routers = { main: routerOf(), admin: routerOf() }
  fastify.addHook('onReady', async () => {
    for (const port of ['main', 'admin'] as const) {
      for (const [path, known] of methods[port]) routers[port].on(ANY, path, () => {}, known)
    }
  })
  fastify.decorate('methodsOf', (port, path) => routers[port].find(ANY, path)?.store as ReadonlySet<string> | undefined)
}, { name: 'known-paths', dependencies: ['ports'] })
