import { connect, type Socket } from 'node:net'
import { ResponseReader, type Answer } from './response-reader.ts'

const READ_BYTES = 65_536

/** One buffer for all connections: each read is processed before the next. */
const incoming = Buffer.allocUnsafe(READ_BYTES)

export interface ConnectionOptions {
  readonly port: number
  readonly onAnswer: (connection: Connection, answer: Answer) => void
  /** Called when the connection ends with an unanswered request. */
  readonly onLost: (connection: Connection) => void
  readonly keepsBody?: boolean
}

/** A keep-alive connection with at most one request in progress. After a close the next request reconnects. */
export class Connection {
  /** When the request in progress was sent or due, in milliseconds of performance.now(). */
  since = 0
  isBusy = false
  readonly #options: ConnectionOptions
  #socket: Socket | undefined

  constructor (options: ConnectionOptions) {
    this.#options = options
  }

  send (request: Buffer, since: number): void {
    this.since = since
    this.isBusy = true
    this.socket().write(request)
  }

  /** The socket, for bodies that are written in pieces. */
  socket (): Socket {
    this.#socket ??= this.#open()
    return this.#socket
  }

  close (): void {
    this.isBusy = false
    this.#socket?.destroy()
    this.#socket = undefined
  }

  #open (): Socket {
    const reader = new ResponseReader((answer) => {
      // Ignore an answer to a request that was given up.
      if (!this.isBusy || this.#socket !== socket) return
      this.isBusy = false
      if (answer.isLast) this.close()
      this.#options.onAnswer(this, answer)
    }, this.#options.keepsBody)
    const socket = connect({
      port: this.#options.port,
      host: '127.0.0.1',
      noDelay: true,
      // Saves the stream, its events and a buffer per answer.
      onread: { buffer: incoming, callback: (length) => { reader.feed(incoming.subarray(0, length)); return true } }
    })
    const end = () => {
      if (this.#socket !== socket) return
      const wasBusy = this.isBusy
      this.close()
      if (wasBusy) this.#options.onLost(this)
    }
    socket.on('error', end).on('end', end).on('close', end)
    return socket
  }
}
