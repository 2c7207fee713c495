/* Hostile loads, each with its own connections. Each runs until it is stopped and returns the number of its attacks. */
import { once, setMaxListeners } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'

export interface Load {
  readonly name: string
  /** The number of rounds, lines or bodies so far. */
  readonly count: () => number
}

const PAUSE_MS = 1_000
const MIB = 1_048_576
const LARGE_BODY_BYTES = 15 * MIB
const ANNOUNCED_BYTES = 16 * MIB
const LINE_BYTES = 900_000
const PIPELINED_BYTES = 65_536
const CHUNK_BYTES = 65_536
const PATHS = ['/docs/js/scalar.js', '/api/v1/metrics/prometheus', '/openapi.json', '/dashboard']

type Act = (socket: Socket, note: () => void) => Promise<void>

/** Runs a task on each of many connections, and again on a new connection after its end. */
function repeat (name: string, connections: number, port: number, stopped: AbortSignal, act: Act): Load {
  let count = 0
  // Each connection adds a listener.
  setMaxListeners(0, stopped)
  const run = async () => {
    while (!stopped.aborted) {
      const socket = connect({ port, host: '127.0.0.1' })
      const ended = new Promise<void>((resolve) => { socket.once('close', () => resolve()) })
      const stop = () => { socket.destroy() }
      socket.on('error', () => {}).resume()
      stopped.addEventListener('abort', stop, { once: true })
      await Promise.race([act(socket, () => { count++ }).catch(() => {}), ended])
      await Promise.race([ended, wait(PAUSE_MS, undefined, { ref: false })])
      socket.destroy()
      stopped.removeEventListener('abort', stop)
    }
  }
  for (let index = 0; index < connections; index++) void run()
  return { name, count: () => count }
}

/** Sends heads that never end, a byte a second. */
export function slowHeads (connections: number, port: number, stopped: AbortSignal): Load {
  return repeat('heads that did not end', connections, port, stopped, async (socket, note) => {
    socket.write('GET / HTTP/1.1\r\nHost: localhost\r\nx-slow: ')
    while (!socket.destroyed) {
      await wait(PAUSE_MS, undefined, { signal: stopped })
      socket.write('x')
    }
    note()
  })
}

/** Pipelines 64 KB of requests for large or costly answers. */
export function pipelinedRequests (connections: number, port: number, stopped: AbortSignal): Load {
  return repeat('times 64 KB of pipelined requests', connections, port, stopped, async (socket, note) => {
    const text = PATHS.map((path) => `GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).join('')
    socket.write(text.repeat(Math.floor(PIPELINED_BYTES / text.length)))
    await once(socket, 'close')
    note()
  })
}

/** Sends bodies that announce 16 MiB and never send the last one. */
export function largeBodies (connections: number, port: number, stopped: AbortSignal): Load {
  const chunk = Buffer.alloc(CHUNK_BYTES, ' ')
  return repeat('bodies of 15 MiB that did not end', connections, port, stopped, async (socket, note) => {
    socket.write(head('application/json', `Content-Length: ${ANNOUNCED_BYTES}`))
    for (let sent = 0; sent < LARGE_BODY_BYTES && !socket.destroyed; sent += CHUNK_BYTES) await written(socket, chunk)
    note()
    await once(socket, 'close')
  })
}

/** Streams valid lines of almost the maximum length. */
export function longLines (connections: number, port: number, stopped: AbortSignal): Load {
  const line = Buffer.from(`${JSON.stringify({ type: 'hostile', payload: 'x'.repeat(LINE_BYTES) })}\n`)
  const chunk = Buffer.concat([Buffer.from(`${line.length.toString(16)}\r\n`), line, Buffer.from('\r\n')])
  return repeat('lines of 900 kB', connections, port, stopped, async (socket, note) => {
    socket.write(head('application/x-ndjson', 'Transfer-Encoding: chunked'))
    while (!socket.destroyed) {
      await written(socket, chunk)
      note()
    }
  })
}

function head (type: string, length: string): string {
  return `POST /api/v1/events/batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${type}\r\n${length}\r\n\r\n`
}

/** Resolves when the next chunk may follow, or the socket has closed. */
function written (socket: Socket, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    if (socket.write(chunk) || socket.destroyed) return resolve()
    const go = () => {
      socket.removeListener('drain', go).removeListener('close', go)
      resolve()
    }
    socket.once('drain', go).once('close', go)
  })
}
