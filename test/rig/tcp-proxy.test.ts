import { once } from 'node:events'
import net from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { makeFolder } from '../../rig/folder.ts'
import { startProxy, type TcpProxy } from '../../rig/tcp-proxy.ts'

/** A server that sends back what it gets, and a proxy before it. */
async function start (t: Test): Promise<TcpProxy> {
  const path = join(await makeFolder(t), 's')
  const echo = net.createServer((socket) => { socket.on('error', () => {}).pipe(socket) }).listen(path)
  await once(echo, 'listening')
  t.teardown(() => { echo.close() })
  return startProxy(t, path)
}

async function connect (t: Test, proxy: TcpProxy): Promise<net.Socket> {
  const socket = net.connect(proxy.port, '127.0.0.1').setEncoding('utf8').on('error', () => {})
  t.teardown(() => { socket.destroy() })
  await once(socket, 'connect')
  return socket
}

/** Resolves when a socket is closed, by an error too. */
function closing (socket: net.Socket): Promise<void> {
  return new Promise((resolve) => { socket.once('close', () => { resolve() }) })
}

t.test('carries bytes both ways, slowly too, in their order', async (t) => {
  const proxy = await start(t)
  const socket = await connect(t, proxy)
  let received = ''
  socket.on('data', (chunk) => { received += String(chunk) })
  socket.write('a')
  await once(socket, 'data')
  proxy.delayBy(60)
  socket.write('b')
  await new Promise((resolve) => { setImmediate(resolve) })
  proxy.delayBy(0)
  socket.write('c')
  while (received.length < 3) await once(socket, 'data')
  t.equal(received, 'abc')
})

t.test('a black hole lets nothing through, and its connections end with it', async (t) => {
  const proxy = await start(t)
  const socket = await connect(t, proxy)
  proxy.swallow()
  let isAnswered = false
  socket.on('data', () => { isAnswered = true })
  socket.write('a')
  const closed = closing(socket)
  setTimeout(() => { proxy.resume() }, 50)
  await closed
  t.notOk(isAnswered)
})

t.test('a reset ends every connection', async (t) => {
  const proxy = await start(t)
  const socket = await connect(t, proxy)
  socket.write('a')
  await once(socket, 'data')
  const closed = closing(socket)
  proxy.reset()
  await closed
  t.pass()
})
