import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Test } from 'tap'
import type { Ending } from '../../../services/connections/connection.ts'
import { Connections } from '../../../services/connections/connections.ts'
import { BOUNDS, SERVER_OPTIONS, type ConnectionBounds } from '../../../services/connections/server-options.ts'
import { eventually } from '../../../rig/eventually.ts'
import type { RawConnection } from '../../../rig/raw-connection.ts'

export const GET = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'

export interface Paced {
  url: string
  connections: Connections
  endings: Ending[]
  /** Moves the clock of the connections. */
  pass: (ms: number) => void
}

export async function serve (t: Test, handle: RequestListener, bounds: Partial<ConnectionBounds> = {}): Promise<Paced> {
  let passed = 0
  const endings: Ending[] = []
  const connections = new Connections({
    bounds: { ...BOUNDS, mostConnections: { main: 100, admin: 0 }, ...bounds },
    now: () => performance.now() + passed,
    onEnded: (ending) => { endings.push(ending) },
    onAcceptError: (error) => { throw error }
  })
  const server = createServer(SERVER_OPTIONS, connections.pacing(handle))
  connections.attach(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { url, connections, endings, pass: (ms) => { passed += ms } }
}

export const until = (connection: RawConnection, statuses: readonly number[]) =>
  eventually(`the answers ${statuses.join()}`, () => connection.statuses().join() === statuses.join())
