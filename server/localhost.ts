import { lookup } from 'node:dns/promises'
import type { Server } from 'node:http'
import type { AddressInfo, ListenOptions } from 'node:net'
import type { Listening } from '../services/connections/server-options.ts'

/** The host name that stands for two addresses. */
const LOCALHOST = 'localhost'

/** Listens on the other address of localhost, if a server listens on the first one; resolves with the further servers. */
export async function listenBeside (
  first: Server, host: string, how: Listening, another: () => Server
): Promise<Server[]> {
  if (host !== LOCALHOST) return []
  const { address, port } = first.address() as AddressInfo
  const addresses = (await lookup(LOCALHOST, { all: true })).filter((other) => other.address !== address)
  const listening = await Promise.all(addresses.map((other) => listen(another(), { ...how, port, host: other.address })))
  return listening.filter((other) => other !== undefined)
}

/** Resolves with undefined if there is no such address, as in a container without IPv6. */
function listen (server: Server, options: ListenOptions): Promise<Server | undefined> {
  return new Promise((resolve) => {
    server.once('error', () => resolve(undefined)).listen(options, () => resolve(server))
  })
}
