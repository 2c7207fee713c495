import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Listening } from '../services/connections/server-options.ts'
import type { Endpoint } from '../services/config/endpoints.ts'
import { listenBeside } from './localhost.ts'
import type { PacedServers } from './paced-servers.ts'

/** The servers that listen on ADMIN_PORT. They hand their requests to the same Fastify as the server of PORT. */
export class AdminServer {
  readonly endpoint: Endpoint
  readonly #how: Listening
  readonly #ready: () => PromiseLike<unknown>
  readonly #another: () => Server
  #servers: Server[] = []

  /** @param ready resolves when Fastify has its routes */
  constructor (
    endpoint: Endpoint, { another }: Pick<PacedServers, 'another'>, how: Listening, ready: () => PromiseLike<unknown>
  ) {
    this.endpoint = endpoint
    this.#how = how
    this.#ready = ready
    this.#another = () => another('admin')
  }

  /** The servers that listen. */
  get servers (): readonly Server[] { return this.#servers }

  /** The addresses on which it listens. */
  get addresses (): readonly string[] { return this.#servers.map((server) => addressOf(server).address) }

  /** Listens, and resolves with the URL for people on this machine. */
  async listen (): Promise<string> {
    const { host, port } = this.endpoint
    await this.#ready()
    const server = this.#another()
    await once(server.listen({ ...this.#how, host, port }), 'listening')
    this.#servers = [server]
    this.#servers.push(...await listenBeside(server, host, this.#how, this.#another))
    return urlOf(addressOf(server))
  }
}

function addressOf (server: Server): AddressInfo {
  return server.address() as AddressInfo
}

function urlOf ({ address, port, family }: AddressInfo): string {
  // Nobody can call the address that stands for all of them.
  const callable = address === '0.0.0.0' ? '127.0.0.1' : address === '::' ? '::1' : address
  return `http://${family === 'IPv6' ? `[${callable}]` : callable}:${port}`
}
