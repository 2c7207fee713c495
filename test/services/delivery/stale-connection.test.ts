import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import t, { type Test } from 'tap'
import { Outbound } from '../../../services/delivery/outbound.ts'
import { post, type PostRequest } from '../../../services/delivery/post.ts'
import { startConsumer } from '../../../rig/consumer.ts'

const REQUEST: PostRequest = {
  headers: {}, body: '{}', signal: new AbortController().signal, timeoutMs: 60_000, maxAnswerBytes: 1_000,
  outbound: new Outbound()
}
const ANSWER = 'HTTP/1.1 200 OK\r\nconnection: keep-alive\r\ncontent-length: 0\r\n\r\n'

/** A consumer of bare sockets: `take` is called with each call, the connection it came on, and its number on that. */
async function startSockets (t: Test, take: (socket: Socket, call: number, connection: number) => void) {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    const connection = sockets.push(socket)
    let calls = 0
    let text = ''
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      text += chunk.toString()
      if (!text.endsWith('{}')) return
      text = ''
      take(socket, ++calls, connection)
    })
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => { for (const socket of sockets) socket.destroy(); server.close() })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, sockets }
}

t.test('makes a call once more, on a new connection, when a used one ends without a byte of an answer', async (t) => {
  for (const end of ['destroy', 'resetAndDestroy', 'end'] as const) {
    const { url, sockets } = await startSockets(t, (socket, call) => {
      if (call === 1) socket.write(ANSWER)
      else socket[end]()
    })
    for (let calls = 0; calls < 3; calls++) t.match(await post(url, REQUEST), { kind: 'answered', status: 200 }, end)
    t.ok(sockets.length >= 2, `${sockets.length} connections`)
  }
})

t.test('takes the end of a new connection for a failure, at once', async (t) => {
  const { url, sockets } = await startSockets(t, (socket) => { socket.resetAndDestroy() })
  t.match(await post(url, REQUEST), { kind: 'failed', reason: 'ECONNRESET', wasConnected: true })
  t.equal(sockets.length, 1)
})

t.test('makes a second call only once', async (t) => {
  const { url, sockets } = await startSockets(t, (socket, call, connection) => {
    if (call === 1 && connection === 1) socket.write(ANSWER)
    else socket.destroy()
  })
  t.match(await post(url, REQUEST), { kind: 'answered' })
  t.match(await post(url, REQUEST), { kind: 'failed', wasConnected: true })
  t.equal(sockets.length, 2)
})

t.test('makes no second call once a byte of an answer has come', async (t) => {
  const { url, sockets } = await startSockets(t, (socket, call) => {
    if (call === 1) socket.write(ANSWER)
    else socket.write('HTTP/1.1 200', () => socket.destroy())
  })
  t.match(await post(url, REQUEST), { kind: 'answered' })
  t.match(await post(url, REQUEST), { kind: 'failed', wasConnected: true })
  t.equal(sockets.length, 1)
})

t.test('costs nothing that a consumer closes each connection after its answer without saying so', async (t) => {
  const consumer = await startConsumer(t)
  consumer.answer = (_call, reply, { socket }) => { reply.end('ok', () => { socket.end() }) }
  const results = []
  for (let calls = 0; calls < 200; calls++) results.push(await post(consumer.url, REQUEST))
  t.strictSame(results.filter(({ kind }) => kind !== 'answered'), [])
})
