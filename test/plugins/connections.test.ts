import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import t from 'tap'
import { pacedServers } from '../../plugins/connections.ts'
import { loadConfig } from '../../services/config/load-config.ts'
import { rawConnection } from '../raw-connection.ts'

t.test('no server of a process invites a body that its handler does not want', async (t) => {
  const { options, another } = pacedServers(loadConfig({}), pino({ level: 'silent' }))
  const handle = (_request: IncomingMessage, response: ServerResponse) => { response.writeHead(413, { connection: 'close' }).end() }
  for (const server of [options.serverFactory?.(handle, {}), another()]) {
    if (server === undefined) throw new Error('there is no factory')
    t.teardown(() => { server.close() })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const connection = await rawConnection(t, `http://127.0.0.1:${port}`)
    connection.socket.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9000000\r\n\r\n')
    await connection.ended
    t.strictSame(connection.statuses(), [413])
  }
})
