import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import type { Owner } from './owner.ts'

/** A proxy on loopback that can disturb the traffic to a server without touching either end. */
export interface TcpProxy {
  readonly port: number
  /** From now on delays all bytes in each direction by this time. Bytes keep their order. */
  delayBy: (delayMs: number) => void
  /** From now on holds all bytes in both directions and keeps connections open, until release. */
  stall: () => void
  /** From now on discards all bytes in both directions and keeps connections open. */
  swallow: () => void
  /** Passes the held bytes and all that follow; resets connections that lost bytes. */
  resume: () => void
  /** Resets all open connections; accepts new ones. */
  reset: () => void
  stop: () => void
}

export interface ProxyOptions {
  /** Delays all bytes in each direction by this time. */
  delayMs?: number
  /** Called when bytes arrive, before the delay. */
  onBytes?: (direction: 'there' | 'back') => void
}

/** Returns the current path of a unix socket, or port on loopback. */
type Target = string | number | (() => string)

/** Starts a proxy to a server. It ends with its owner. */
export async function startProxy (owner: Owner, target: Target, options?: ProxyOptions): Promise<TcpProxy> {
  const proxy = await openProxy(target, options)
  owner.teardown(() => proxy.stop())
  return proxy
}

/** Starts a proxy to a server. The caller has to stop it. */
export async function openProxy (
  target: Target,
  { delayMs: firstDelayMs = 0, onBytes = () => {} }: ProxyOptions = {}
): Promise<TcpProxy> {
  const sockets = new Set<Socket>()
  let delayMs = firstDelayMs
  let isStalled = false
  let isSwallowing = false

  const carry = (socket: Socket, peer: Socket, direction: 'there' | 'back') => {
    const held: { readonly dueAt: number, readonly chunk: Buffer }[] = []
    const pass = (chunk: Buffer) => {
      if (!peer.destroyed && !peer.write(chunk)) socket.pause()
    }
    const release = () => {
      for (let next = held[0]; next !== undefined && next.dueAt <= performance.now(); next = held[0]) {
        held.shift()
        pass(next.chunk)
      }
      if (held[0] !== undefined) setTimeout(release, held[0].dueAt - performance.now())
    }
    socket.on('data', (chunk: Buffer) => {
      if (isSwallowing) return
      onBytes(direction)
      if (delayMs === 0 && held.length === 0) return pass(chunk)
      held.push({ dueAt: performance.now() + delayMs, chunk })
      if (held.length === 1) setTimeout(release, delayMs)
    })
    peer.on('drain', () => { if (!isStalled) socket.resume() })
    socket.on('error', () => {}).on('close', () => {
      sockets.delete(socket)
      peer.destroy()
    })
    sockets.add(socket.setNoDelay(true))
    if (isStalled) socket.pause()
  }
  const server = createServer((inner) => {
    const to = typeof target === 'function' ? target() : target
    const outer = typeof to === 'number' ? connect(to, '127.0.0.1') : connect(to)
    carry(inner, outer, 'there')
    carry(outer, inner, 'back')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')

  const reset = () => {
    for (const socket of sockets) {
      if (socket.remoteAddress === undefined) socket.destroy()
      else socket.resetAndDestroy()
    }
  }
  return {
    port: (server.address() as AddressInfo).port,
    delayBy (ms) { delayMs = ms },
    stall () {
      isStalled = true
      for (const socket of sockets) socket.pause()
    },
    swallow () { isSwallowing = true },
    resume () {
      if (isSwallowing) reset()
      isStalled = false
      isSwallowing = false
      for (const socket of sockets) socket.resume()
    },
    reset,
    stop () {
      server.close()
      for (const socket of sockets) socket.destroy()
    }
  }
}
