import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { connectionsByPort, type ApiPort } from '../services/connections/api-port.ts'
import { ENDINGS } from '../services/connections/connection.ts'
import { Connections } from '../services/connections/connections.ts'
import { mostConnections, openFileLimit } from '../services/connections/most-connections.ts'
import { BOUNDS, IDLE_TIMEOUT_MS, SERVER_OPTIONS } from '../services/connections/server-options.ts'
import { endpointsOf } from '../services/config/endpoints.ts'
import type { Config } from '../services/config/schema.ts'
import { throttled } from '../services/logging/throttled-log.ts'

const now = () => performance.now()

/** HTTP servers that share the bounds on their connections. */
export interface PacedServers {
  readonly connections: Connections
  /** Makes the first server, for the option of Fastify. */
  readonly serverFactory: (handle: RequestListener) => Server
  /** Makes one more server for the same requests, which listens on the port. */
  readonly another: (port: ApiPort) => Server
}

/** Makes servers that keep their connections within the bounds of the configuration. */
export function pacedServers (config: Config, log: Logger): PacedServers {
  const most = mostOf(config, log)
  const logEnded = throttled((error, suppressed) => {
    log.warn({ event: 'connection-ended', reason: error.message, most, suppressed }, 'a connection was ended')
  }, now)
  // Made once: during a flood of connections each error would cost more than its connection.
  const errors = new Map(ENDINGS.map((ending) => [ending, new Error(ending)]))
  const connections = new Connections({
    bounds: { ...BOUNDS, mostConnections: connectionsByPort(most, endpointsOf(config).admin !== undefined) },
    now,
    onEnded: (ending) => logEnded(errors.get(ending) as Error),
    onAcceptError: throttled((error, suppressed) => {
      log.error({ event: 'accept-failed', err: error, suppressed }, 'the operating system refuses new connections')
    }, now)
  })
  let listener: RequestListener | undefined
  const another = (port: ApiPort) => {
    const server = createServer(SERVER_OPTIONS, listener).setTimeout(IDLE_TIMEOUT_MS)
    connections.attach(server, port)
    const answer = (request: IncomingMessage, response: ServerResponse) => server.emit('request', request, response)
    // The reader of the body invites senders with Expect: 100-continue. Node.js would answer an unknown expectation
    // itself, without a problem document and past the bounds on pipelined requests; RFC 9110 lets a server ignore it.
    return server.on('checkContinue', answer).on('checkExpectation', answer)
  }
  return {
    connections,
    another,
    serverFactory: (handle) => {
      listener = connections.pacing(handle)
      return another('main')
    }
  }
}

function mostOf ({ ROLE, MAX_CONNECTIONS, RULE_ENGINE_WORKER_CONCURRENCY }: Config, log: Logger): number {
  const openFiles = openFileLimit()
  const most = mostConnections(MAX_CONNECTIONS, openFiles, ROLE === 'api' ? 0 : RULE_ENGINE_WORKER_CONCURRENCY)
  if (MAX_CONNECTIONS > most) {
    log.warn(
      { event: 'connections-limited', most, configured: MAX_CONNECTIONS, openFiles },
      'MAX_CONNECTIONS exceeds what the limit on open files allows; raise the limit (ulimit -n)'
    )
  }
  return most
}
