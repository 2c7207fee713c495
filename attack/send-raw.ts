import { connect, type Socket } from 'node:net'
import { answersIn, type Received } from './received.ts'

/** The outcome of one connection. */
export interface Exchange {
  readonly answers: readonly Received[]
  /** True if the service closed or reset the connection. */
  readonly isClosed: boolean
}

export interface RawOptions {
  /** Ends the exchange once so many answers have come and nothing follows them for a while. */
  readonly answers?: number
  /** Ends the exchange that waits for nothing else, milliseconds. */
  readonly patienceMs?: number
  /** Ends the own half of the connection after the last byte. */
  readonly isHalfClosed?: boolean
}

const PATIENCE_MS = 20_000
/** Nothing that follows the expected answers comes later than this on an idle service. */
const SILENCE_MS = 60
const ADDRESSES = 200
let connections = 0

/**
 * Writes bytes on a new connection and collects answers until the service closes it, or the options end it. Connections
 * come from many addresses of loopback, since one has too few ports for a flood.
 */
export function sendRaw (
  port: number, bytes: Buffer | string,
  { answers = Infinity, patienceMs = PATIENCE_MS, isHalfClosed = false }: RawOptions = {}
): Promise<Exchange> {
  return new Promise((resolve) => {
    const socket = openSocket(port)
    let [text, isClosed] = ['', false]
    let silence: NodeJS.Timeout | undefined
    const finish = () => {
      clearTimeout(patience)
      clearTimeout(silence)
      socket.destroy()
      resolve({ answers: answersIn(text), isClosed })
    }
    const patience = setTimeout(finish, patienceMs)
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
      if (answers === Infinity || answersIn(text).length < answers) return
      clearTimeout(silence)
      silence = setTimeout(finish, SILENCE_MS)
    })
    socket.on('end', () => { isClosed = true })
    socket.on('close', () => {
      isClosed = true
      finish()
    })
    const data = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes
    if (isHalfClosed) socket.end(data)
    else socket.write(data)
  })
}

/** Opens a connection whose errors only close it. */
export function openSocket (port: number): Socket {
  const socket = connect({ port, host: '127.0.0.1', localAddress: `127.0.0.${2 + connections++ % ADDRESSES}` })
  socket.on('error', () => {})
  return socket
}

/** Runs tasks one after the other in so many rows at once. */
export async function inRows<T> (rows: number, tasks: Iterable<T>, run: (task: T) => Promise<void>): Promise<void> {
  const iterator = tasks[Symbol.iterator]()
  await Promise.all(Array.from({ length: rows }, async () => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) await run(next.value)
  }))
}
