import { lookup } from 'node:dns/promises'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import type { FastifyInstance } from 'fastify'
import { BACKLOG } from '../services/connections/server-options.ts'
import type { Config } from '../services/config/schema.ts'
import type { PacedServers } from './paced-servers.ts'

const SWEEP_INTERVAL_MS = 1_000

/** The host name that stands for two addresses. */
const LOCALHOST = 'localhost'

/** Ends slow connections, listens on both addresses of localhost, and bounds how long a stop waits for requests. */
export function keepPace (
  fastify: FastifyInstance, { connections, another }: PacedServers, { HOST, SHUTDOWN_DEADLINE_MS }: Config
): void {
  const sweep = setInterval(() => connections.sweep(), SWEEP_INTERVAL_MS).unref()
  const others: Server[] = []
  let closing: Promise<unknown> = Promise.resolve()
  let cutOff: NodeJS.Timeout | undefined
  fastify.addHook('onListen', async () => {
    if (HOST === LOCALHOST) others.push(...await listenBeside(fastify, another))
  })
  fastify.addHook('preClose', async () => {
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

/** Fastify does not bind a server from a factory to the other addresses of localhost. */
async function listenBeside ({ server }: FastifyInstance, another: () => Server): Promise<Server[]> {
  const { address, port } = server.address() as AddressInfo
  const addresses = (await lookup(LOCALHOST, { all: true })).filter((other) => other.address !== address)
  const listening = await Promise.all(addresses.map((other) => listen(another(), port, other.address)))
  return listening.filter((other) => other !== undefined)
}

/** Resolves with undefined if there is no such address, as in a container without IPv6. */
function listen (server: Server, port: number, host: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined)).listen({ port, host, backlog: BACKLOG }, () => resolve(server))
  })
}
