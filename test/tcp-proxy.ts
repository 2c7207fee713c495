import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

interface TestWithTeardown {
  teardown: (handler: () => Promise<void>) => unknown
}

/** A proxy on loopback that a test stops, cuts and lets go on. */
export interface TcpProxy {
  readonly port: number
  /** From now on nothing passes in either direction, and connections stay open: a black hole. */
  stall: () => void
  /** Lets through what was held back and all that follows. */
  resume: () => void
  /** Resets all connections that are open; new ones are taken. */
  reset: () => void
}

/** Starts a proxy to a server: the path of a unix socket, or a port on loopback. It ends with the test. */
export async function startProxy (t: TestWithTeardown, target: string | number): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let isStalled = false
  const server = createServer((inner) => {
    const outer = typeof target === 'number' ? connect(target, '127.0.0.1') : connect(target)
    for (const [socket, peer] of [[inner, outer], [outer, inner]] as const) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        peer.destroy()
      })
      socket.on('data', (chunk: Buffer) => {
        if (!peer.write(chunk)) socket.pause()
      })
      peer.on('drain', () => { if (!isStalled) socket.resume() })
      if (isStalled) socket.pause()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(async () => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    port: (server.address() as AddressInfo).port,
    stall () {
      isStalled = true
      for (const socket of sockets) socket.pause()
    },
    resume () {
      isStalled = false
      for (const socket of sockets) socket.resume()
    },
    reset () { for (const socket of sockets) if (socket.remoteAddress === undefined) socket.destroy(); else socket.resetAndDestroy() }
  }
}
