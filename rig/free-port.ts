import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** Returns a free port of loopback, for programs that cannot choose one themselves. */
export async function freePort (): Promise<number> {
  const [port] = await freePorts(1)
  return port as number
}

/** Returns so many different free ports. */
export async function freePorts (count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer())
  for (const server of servers) await once(server.listen(0, '127.0.0.1'), 'listening')
  const ports = servers.map((server) => (server.address() as AddressInfo).port)
  await Promise.all(servers.map((server) => once(server.close(), 'close')))
  return ports
}
