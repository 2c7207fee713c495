import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Owner } from './owner.ts'

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

export interface ProxyOptions {
  /** Holds back all that passes, in each direction. */
  delayMs?: number
  /** Called when bytes come, before they are held back. */
  onBytes?: (direction: 'there' | 'back') => void
}

/**
 * Starts a proxy to a server: the path of a unix socket, or a port on loopback, that may change. It ends with the test.
 */
export async function startProxy (
  owner: Owner, target: string | number | (() => string), { delayMs = 0, onBytes = () => {} }: ProxyOptions = {}
): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let isStalled = false
  const server = createServer((inner) => {
    const to = typeof target === 'function' ? target() : target
    const outer = typeof to === 'number' ? connect(to, '127.0.0.1') : connect(to)
    for (const [socket, peer, direction] of [[inner, outer, 'there'], [outer, inner, 'back']] as const) {
      const pass = (chunk: Buffer) => {
        if (!peer.destroyed && !peer.write(chunk)) socket.pause()
      }
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        peer.destroy()
      })
      socket.on('data', (chunk: Buffer) => {
        onBytes(direction)
        if (delayMs === 0) pass(chunk)
        else setTimeout(pass, delayMs, chunk)
      })
      peer.on('drain', () => { if (!isStalled) socket.resume() })
      if (isStalled) socket.pause()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  owner.teardown(async () => {
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
    reset () {
      for (const socket of sockets) {
        if (socket.remoteAddress === undefined) socket.destroy()
        else socket.resetAndDestroy()
      }
    }
  }
}
