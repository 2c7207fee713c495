import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import t from 'tap'
import { pacedServers } from '../../server/paced-servers.ts'
import { loadConfig } from '../../services/config/load-config.ts'
import { SERVER_OPTIONS } from '../../services/connections/server-options.ts'
import { rawConnection } from '../../rig/raw-connection.ts'

t.test('every server of a process bounds the time of a head and of silence, and nothing but those', async (t) => {
  const { serverFactory, another } = pacedServers(loadConfig({ ADMIN_PORT: '0' }), pino({ level: 'silent' }))
  const handle = (_request: IncomingMessage, response: ServerResponse) => { response.end() }
  for (const server of [serverFactory(handle), another('admin')]) {
    t.match(server, { headersTimeout: 10_000, requestTimeout: 0, timeout: 72_000, keepAliveTimeout: 72_000 })
    server.close()
  }
  // Node looks for late heads at this interval: one is closed after 11 s at the latest.
  t.equal(SERVER_OPTIONS.connectionsCheckingInterval, 1_000)
})

t.test('no server of a process invites a body that its handler does not want', async (t) => {
  const { serverFactory, another } = pacedServers(loadConfig({ ADMIN_PORT: '0' }), pino({ level: 'silent' }))
  const handle = (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(413, { connection: 'close' }).end()
  }
  for (const server of [serverFactory(handle), another('admin')]) {
    t.teardown(() => { server.close() })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const connection = await rawConnection(t, `http://127.0.0.1:${port}`)
    connection.socket.write('POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 9000000\r\n\r\n')
    await connection.ended
    t.strictSame(connection.statuses(), [413])
  }
})

t.test('a request with an expectation that nobody knows is answered like any other', async (t) => {
  const { another, serverFactory } = pacedServers(loadConfig({ ADMIN_PORT: '0' }), pino({ level: 'silent' }))
  const handle = (_request: IncomingMessage, response: ServerResponse) => {
    response.writeHead(200, { connection: 'close' }).end()
  }
  for (const server of [serverFactory(handle), another('admin')]) {
    t.teardown(() => { server.close() })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const connection = await rawConnection(t, `http://127.0.0.1:${port}`)
    connection.socket.write('GET / HTTP/1.1\r\nHost: x\r\nExpect: a-miracle\r\n\r\n')
    await connection.ended
    t.strictSame(connection.statuses(), [200])
  }
})
