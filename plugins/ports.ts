import type { FastifyContextConfig, FastifyRequest, RouteOptions } from 'fastify'
import fp from 'fastify-plugin'
import { Binding } from '../services/access/binding.ts'
import type { ApiPort } from '../services/connections/api-port.ts'
import { portOf } from '../services/connections/incoming-request.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Where each port can be reached. Without ADMIN_PORT both are the same one. */
    bindings: Readonly<Record<ApiPort, Binding>>
    /** Whether ADMIN_PORT separates the routes for operators from those for producers. */
    hasAdminPort: boolean
    /** Returns the port that a request came to; without ADMIN_PORT all come to `main`. */
    portOf: (request: FastifyRequest) => ApiPort
    /** Returns the ports that serve a route with this config. */
    portsOf: (config: FastifyContextConfig | undefined) => readonly ApiPort[]
    /** Returns the addresses that a port listens on. */
    addressesOf: (port: ApiPort) => string[]
  }
  interface FastifyContextConfig {
    /**
     * The port that serves the route if ADMIN_PORT is set. By default PORT serves routes with `intake`, and ADMIN_PORT
     * serves all others, so that no route is on PORT because somebody forgot to think of it.
     */
    port?: ApiPort | 'both'
  }
}

export interface PortsOptions {
  /** Returns the addresses of the server of ADMIN_PORT; undefined if there is none. */
  adminAddresses?: (() => readonly string[]) | undefined
}

const CONSTRAINT = 'port'

/** Separates the routes of PORT from those of ADMIN_PORT. On the wrong port a route is as unknown as any other path. */
export default fp<PortsOptions>(async (fastify, { adminAddresses }) => {
  const { HOST, ADMIN_HOST } = fastify.config
  const hasAdminPort = adminAddresses !== undefined
  const main = new Binding(HOST)
  const bindings = { main, admin: hasAdminPort ? new Binding(ADMIN_HOST) : main }
  const portsOf = hasAdminPort ? portsOfRoute : () => ['main'] as const
  const addressesOf = (port: ApiPort) => port === 'admin' && hasAdminPort
    ? [...adminAddresses()]
    : fastify.addresses().flatMap((bound) => typeof bound === 'string' ? [] : bound.address)
  fastify.decorate('bindings', bindings)
  fastify.decorate('hasAdminPort', hasAdminPort)
  fastify.decorate('portOf', hasAdminPort ? ({ raw }: FastifyRequest) => portOf(raw) : () => 'main' as const)
  fastify.decorate('portsOf', portsOf)
  fastify.decorate('addressesOf', addressesOf)
  fastify.addHook('onListen', async () => {
    for (const port of ['main', 'admin'] as const) bindings[port].observe(addressesOf(port))
  })
  if (!hasAdminPort) return
  fastify.addConstraintStrategy({
    name: CONSTRAINT,
    storage: () => {
      const handlers = new Map<ApiPort, unknown>()
      return {
        get: (port) => handlers.get(port as ApiPort) as never ?? null,
        set: (port, handler) => handlers.set(port as ApiPort, handler)
      }
    },
    validate: () => {},
    deriveConstraint: portOf
  })
  fastify.addHook('onRoute', (route: RouteOptions) => {
    const [port, other] = portsOf(route.config)
    if (other === undefined) route.constraints = { ...route.constraints, [CONSTRAINT]: port }
  })
}, { name: 'ports', dependencies: ['config'] })

function portsOfRoute (
  { intake, port = intake === undefined ? 'admin' : 'main' }: FastifyContextConfig = {}
): readonly ApiPort[] {
  return port === 'both' ? ['main', 'admin'] : [port]
}
