import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Owner } from './owner.ts'

/** A connection on which a test writes any bytes. */
export interface RawConnection {
  readonly socket: Socket
  /** The text received so far. */
  readonly text: () => string
  /** Statuses of the answers received so far, in order. */
  readonly statuses: () => number[]
  /** Resolves when the server has closed or reset the connection. */
  readonly ended: Promise<void>
}

/** Connects to a service until the test ends. */
export async function rawConnection (owner: Owner, url: string): Promise<RawConnection> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port) })
  socket.on('error', () => {})
  owner.teardown(() => socket.destroy())
  let text = ''
  socket.setEncoding('latin1').on('data', (chunk) => { text += chunk })
  const ended = new Promise<void>((resolve) => { socket.once('end', resolve).once('close', () => resolve()) })
  await once(socket, 'connect')
  return {
    socket,
    text: () => text,
    statuses: () => [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status)),
    ended
  }
}
