import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import { whenOver } from '../../../services/connections/when-over.ts'
import { eventually } from '../../../rig/eventually.ts'
import { rawConnection } from '../../../rig/raw-connection.ts'

t.test('calls back once, whether the answer ends or its connection breaks before it does', async (t) => {
  for (const isAnswered of [true, false]) {
    let calls = 0
    const server = createServer((raw: IncomingMessage, response: ServerResponse) => {
      whenOver(raw, response, () => { calls++ })
      response.write('some')
      if (isAnswered) response.end()
    })
    t.teardown(() => { server.close() })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    const { port } = server.address() as AddressInfo
    const connection = await rawConnection(t, `http://127.0.0.1:${port}`)
    const [socket] = await Promise.all([
      once(server, 'request').then(([request]) => (request as IncomingMessage).socket),
      connection.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    ])
    await eventually('some of the answer has come', () => connection.text().includes('some'))
    const closed = once(socket, 'close')
    connection.socket.destroy()
    await closed
    await eventually('it has called back', () => calls > 0)
    t.equal(calls, 1, isAnswered ? 'answered' : 'broken')
  }
})

t.test('calls back for an answer that waits for the one before it when the connection breaks', async (t) => {
  const calls: number[] = []
  let requests = 0
  const server = createServer((raw: IncomingMessage, response: ServerResponse) => {
    const number = ++requests
    t.equal(response.socket === null, number === 2, 'only the second waits')
    whenOver(raw, response, () => calls.push(number))
  })
  t.teardown(() => { server.close() })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const connection = await rawConnection(t, `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  connection.socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n'.repeat(2))
  await eventually('both have come', () => requests === 2)
  connection.socket.destroy()
  await eventually('both are over', () => calls.length > 1)
  t.strictSame(calls.toSorted(), [1, 2])
})
