import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'
import { endpointsOf, type Endpoint } from '../../services/config/endpoints.ts'
import { listenFailure } from '../../services/config/listen-failure.ts'
import type { Config } from '../../services/config/schema.ts'

/**
 * Returns the ports of processes that will share them, by environment key; picks one for a port of 0. Several services
 * of one user could share a port, too, and each would get a part of the events of the other. So this listens alone
 * first, which fails if anybody else does.
 *
 * @throws StartFault
 */
export async function freePorts (config: Config): Promise<Record<string, string>> {
  const { main, admin } = endpointsOf(config)
  const ports: Record<string, string> = {}
  for (const endpoint of admin === undefined ? [main] : [main, admin])
    ports[endpoint.portKey] = String(await freePort(endpoint))
  return ports
}

async function freePort (endpoint: Endpoint): Promise<number> {
  const { host, port } = endpoint
  const server = createServer()
  try {
    await once(server.listen({ host, port, exclusive: true }), 'listening')
  } catch (error) {
    throw listenFailure(error as Error, endpoint)
  }
  const found = server.address() as AddressInfo
  await once(server.close(), 'close')
  return found.port
}
