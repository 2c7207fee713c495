import type { Server } from 'node:http'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import type { Config } from '../services/config/schema.ts'
import type { Listening } from '../services/connections/server-options.ts'
import type { AdminServer } from './admin-server.ts'
import { listenBeside } from './localhost.ts'
import type { PacedServers } from './paced-servers.ts'

const SWEEP_INTERVAL_MS = 1_000

/** Ends slow connections, listens on both addresses of localhost, and bounds how long a stop waits for requests. */
export function keepPace (
  fastify: FastifyInstance, { connections, another }: PacedServers, admin: AdminServer | undefined,
  { HOST, SHUTDOWN_DEADLINE_MS }: Config, how: Listening
): void {
  const sweep = setInterval(() => connections.sweep(), SWEEP_INTERVAL_MS).unref()
  const beside: Server[] = []
  let closing: Promise<unknown> = Promise.resolve()
  let cutOff: NodeJS.Timeout | undefined
  fastify.addHook('onListen', async () => {
    // Fastify does not bind a server from a factory to the other addresses of localhost.
    beside.push(...await listenBeside(fastify.server, HOST, how, () => another('main')))
  })
  fastify.addHook('preClose', async () => {
    const others = [...beside, ...admin?.servers ?? []]
    closing = Promise.all(others.map((server) => promisify(server.close.bind(server))()))
    // A sender that stops in the middle of its body must not delay the rest of the shutdown.
    cutOff = setTimeout(() => {
      for (const server of [fastify.server, ...others]) server.closeAllConnections()
    }, SHUTDOWN_DEADLINE_MS)
  })
  fastify.addHook('onClose', async () => {
    clearInterval(sweep)
    await closing
    clearTimeout(cutOff)
  })
}
