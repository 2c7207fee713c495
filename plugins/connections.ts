import { lookup } from 'node:dns/promises'
import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import type { FastifyInstance, FastifyServerOptions } from 'fastify'
import fp from 'fastify-plugin'
import type { Logger } from 'pino'
import { ENDINGS } from '../services/connections/connection.ts'
import { Connections } from '../services/connections/connections.ts'
import { mostConnections, openFileLimit } from '../services/connections/most-connections.ts'
import { BACKLOG, BOUNDS, IDLE_TIMEOUT_MS, SERVER_OPTIONS } from '../services/connections/server-options.ts'
import type { Config } from '../services/config/schema.ts'
import { throttled } from '../services/logging/throttled-log.ts'
import { registerConnectionMetrics } from '../services/metrics/connection-metrics.ts'

declare module 'fastify' {
  interface FastifyInstance {
    connections: Connections
  }
}

const SWEEP_INTERVAL_MS = 1_000

/** The name that stands for two addresses. */
const LOCALHOST = 'localhost'

const now = () => performance.now()

/** The server of a Fastify, and the connections that come to it. */
export interface PacedServers {
  readonly connections: Connections
  readonly options: Pick<FastifyServerOptions<Server>, 'serverFactory' | 'clientErrorHandler'>
  /** Makes one more server for the same requests. */
  readonly another: () => Server
}

/** Makes servers whose connections are within the bounds of the configuration. */
export function pacedServers (config: Config, log: Logger): PacedServers {
  const most = mostOf(config, log)
  const recordEnded = throttled((error, suppressed) => {
    log.warn({ event: 'connection-ended', reason: error.message, most, suppressed }, 'a connection was ended')
  }, now)
  // Made once: in a flood of connections each error would cost more than its connection.
  const errors = new Map(ENDINGS.map((ending) => [ending, new Error(ending)]))
  const connections = new Connections({
    bounds: { ...BOUNDS, mostConnections: most },
    now,
    onEnded: (ending) => recordEnded(errors.get(ending) as Error),
    onAcceptError: throttled((error, suppressed) => {
      log.error({ event: 'accept-failed', err: error, suppressed }, 'the system gives no connections')
    }, now)
  })
  let listener: RequestListener | undefined
  const another = () => {
    const server = createServer(SERVER_OPTIONS, listener).setTimeout(IDLE_TIMEOUT_MS)
    connections.attach(server)
    // The reader of the body invites a sender that asks first.
    return server.on('checkContinue', (request, response) => server.emit('request', request, response))
  }
  return {
    connections,
    another,
    options: {
      serverFactory: (handle) => {
        listener = connections.pacing(handle)
        return another()
      },
      // The connections answer what is not HTTP, in the order in which it came.
      clientErrorHandler: () => {}
    }
  }
}

/** Ends connections that are late, and listens on both addresses of localhost. */
export default fp<{ servers: PacedServers }>(async (fastify, { servers: { connections, another } }) => {
  fastify.decorate('connections', connections)
  registerConnectionMetrics(fastify.metricsRegistry, connections)
  const sweep = setInterval(() => connections.sweep(), SWEEP_INTERVAL_MS).unref()
  const others: Server[] = []
  let closing: Promise<unknown> = Promise.resolve()
  let cutOff: NodeJS.Timeout | undefined
  fastify.addHook('onListen', async () => {
    if (fastify.config.HOST === LOCALHOST) others.push(...await listenBeside(fastify, another))
  })
  fastify.addHook('preClose', async () => {
    closing = Promise.all(others.map((server) => promisify(server.close.bind(server))()))
    cutOff = setTimeout(() => {
      for (const server of others) server.closeAllConnections()
    }, fastify.config.SHUTDOWN_DEADLINE_MS)
  })
  fastify.addHook('onClose', async () => {
    clearInterval(sweep)
    await closing
    clearTimeout(cutOff)
  })
}, { name: 'connections', dependencies: ['config', 'metrics'] })

function mostOf ({ ROLE, MAX_CONNECTIONS, RULE_ENGINE_WORKER_CONCURRENCY }: Config, log: Logger): number {
  const openFiles = openFileLimit()
  const most = mostConnections(MAX_CONNECTIONS, openFiles, ROLE === 'api' ? 0 : RULE_ENGINE_WORKER_CONCURRENCY)
  if (MAX_CONNECTIONS > most) {
    log.warn(
      { event: 'connections-limited', most, configured: MAX_CONNECTIONS, openFiles },
      'MAX_CONNECTIONS is above what the limit on open files leaves; raise the limit (ulimit -n)'
    )
  }
  return most
}

/** A server that is made by hand is not bound to the other addresses of localhost by Fastify. */
async function listenBeside ({ server }: FastifyInstance, another: () => Server): Promise<Server[]> {
  const { address, port } = server.address() as AddressInfo
  const addresses = (await lookup(LOCALHOST, { all: true })).filter((other) => other.address !== address)
  const listening = await Promise.all(addresses.map((other) => listen(another(), port, other.address)))
  return listening.filter((other) => other !== undefined)
}

/** Resolves with undefined where there is no such address, as in a container without IPv6. */
function listen (server: Server, port: number, host: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined)).listen({ port, host, backlog: BACKLOG }, () => resolve(server))
  })
}
