import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ApiPort } from './api-port.ts'
import { Brake } from './brake.ts'
import { Connection, ENDINGS, type Ending } from './connection.ts'
import { answerToBroken, isLate, lastWords, textOf } from './last-words.ts'
import { IncomingRequest } from './incoming-request.ts'
import { onceClosed } from './once-closed.ts'
import { Pipeline } from './pipeline.ts'
import { requestFault } from './request-fault.ts'
import type { ConnectionBounds } from './server-options.ts'

/**
 * Time for a client that still sends to read its refusal; an immediate close would reset the connection and lose it.
 */
const LAST_WORDS_MS = 1_000
const MOST_READS_ON = 64

/** Cost of a request beside its chunks, in the same unit, for the first on a connection and for pipelined ones. */
const REQUEST_COST = 30
const UNSTEADY_REQUEST_COST = 150

export interface ConnectionsOptions {
  readonly bounds: ConnectionBounds
  /** Milliseconds, of any clock that does not go back. */
  readonly now: () => number
  readonly onEnded: (ending: Ending) => void
  /** The system could not accept a waiting connection. */
  readonly onAcceptError: (error: Error) => void
}

/** The connections of this process, their bounds, and the order in which their requests begin. */
export class Connections {
  /** Since the start. */
  readonly totals = Object.fromEntries(ENDINGS.map((ending) => [ending, 0])) as Record<Ending, number>
  readonly #options: ConnectionsOptions
  readonly #open = new Map<Socket, Connection>()
  readonly #counts: Record<ApiPort, number> = { main: 0, admin: 0 }
  readonly #pipeline: Pipeline
  readonly #brake = new Brake(() => this.#open.values())
  #handle: RequestListener = (_request, response) => { response.destroy() }

  constructor (options: ConnectionsOptions) {
    const { bounds, now } = options
    this.#options = options
    this.#pipeline = new Pipeline({
      bounds,
      now,
      begin: (connection, { request, response }) => this.#begin(connection, request, response),
      cut: (connection) => {
        this.#cut(connection, 'too-many-requests')
        this.#brake.apply()
      },
      onEnding: () => this.#count('too-many-requests'),
      onSettled: (connection) => this.#answerBroken(connection)
    })
  }

  get count (): number { return this.#open.size }

  get most (): number {
    const { main, admin } = this.#options.bounds.mostConnections
    return main + admin
  }

  /** Returns a request listener that calls `handle` in order and within the bounds. */
  pacing (handle: RequestListener): RequestListener {
    this.#handle = handle
    return (request, response) => {
      const { socket } = request
      const connection = this.#open.get(socket)
      if (connection === undefined) return
      this.#brake.spend(connection, connection.isSteady ? REQUEST_COST : UNSTEADY_REQUEST_COST)
      if (request instanceof IncomingRequest) request.reading = connection
      const { bytesRead } = socket
      const { current } = connection
      const isNext = connection.readAt !== bytesRead && connection.waiting.length === 0 && !connection.isEnding &&
        (current === undefined || current.writableFinished)
      connection.latest = request
      connection.readAt = bytesRead
      if (isNext) this.#begin(connection, request, response)
      else {
        connection.hasPipelined = true
        this.#pipeline.push(connection, { request, response, bytes: 0 })
      }
    }
  }

  /** Watches the connections of a server that listens on the port. */
  attach (server: Server, port: ApiPort = 'main'): void {
    // Node closes connections beyond it before it creates objects for them.
    server.maxConnections = this.#options.bounds.mostConnections[port]
    server.on('drop', () => this.#count('too-many-connections'))
    server.on('connection', (socket: Socket) => this.#add(socket, port))
    server.on('clientError', (error: Error, socket) => this.#recordError(error, socket as Socket))
    // Without a free descriptor the server emits an error, and an error without a listener ends the process.
    server.on('error', (error: Error) => { if (server.listening) this.#options.onAcceptError(error) })
  }

  /** Ends late connections; to be called about once a second. */
  sweep (): void {
    for (const connection of this.#open.values()) {
      const lateBy = latenessOf(connection)
      if (lateBy === undefined) connection.lateBy = undefined
      else this.#recordLate(connection, lateBy)
    }
  }

  readonly #recordRead = (connection: Connection, cost: number, bytes: number): void => {
    this.#brake.spend(connection, cost)
    if (bytes > 0 && connection.latest !== connection.current?.req) this.#pipeline.keep(connection, bytes)
  }

  #add (socket: Socket, port: ApiPort): void {
    // Two servers may share the bound: one for each address of localhost.
    if (this.#counts[port] >= this.#options.bounds.mostConnections[port]) {
      this.#count('too-many-connections')
      socket.destroy()
      return
    }
    const connection = new Connection(socket, this.#recordRead, port)
    this.#open.set(socket, connection)
    this.#counts[port]++
    onceClosed(socket, () => {
      this.#open.delete(socket)
      this.#counts[port]--
      this.#pipeline.release(connection)
      this.#brake.forget(connection)
    })
  }

  #begin (connection: Connection, request: IncomingMessage, response: ServerResponse): void {
    connection.current = response
    const fault = requestFault(request)
    if (fault === undefined) return this.#handle(request, response)
    const { status, headers, body } = lastWords(400, fault)
    connection.isEnding = true
    this.#count('not-http')
    request.resume()
    response.writeHead(status, [...headers]).end(body)
  }

  #recordLate (connection: Connection, ending: Ending): void {
    const { bounds, now } = this.#options
    if (connection.lateBy !== ending || connection.lateAnswer !== connection.current) {
      connection.lateBy = ending
      connection.lateAnswer = connection.current
      connection.lateSince = now()
    }
    const mostMs = ending === 'unread-answer' ? bounds.answerMs : bounds.restOfBodyMs
    if (now() - connection.lateSince >= mostMs) this.#cut(connection, ending)
  }

  #recordError (error: Error & { code?: string }, socket: Socket): void {
    const connection = this.#open.get(socket)
    if (connection === undefined || error.code === 'ECONNRESET' || error.code === 'EPIPE' || !socket.writable) {
      socket.destroy()
    } else if (connection.broken !== undefined) {
      // All further bytes are broken, too.
      if (++connection.readsOn > MOST_READS_ON) socket.destroy()
    } else if (socket.bytesRead === 0) {
      // A client that has not sent a request might read an answer as the one to its first request.
      this.#cut(connection, 'late-head')
    } else {
      connection.broken = error
      connection.isEnding = true
      const { waiting } = connection
      // The answer to the error answers the request that contains it.
      if (waiting.at(-1)?.request.complete === false) this.#pipeline.forgetLast(connection)
      else this.#watchWhole(connection)
      this.#answerBroken(connection)
    }
  }

  #watchWhole (connection: Connection): void {
    if (connection.current?.req.complete !== true) return
    connection.watchCurrent(() => this.#answerBroken(connection))
  }

  /** Answers bytes that are not HTTP after all earlier requests: their answers say what is stored. */
  #answerBroken (connection: Connection): void {
    const { socket, broken, current } = connection
    if (broken === undefined || connection.owesAnswers || !socket.writable) return
    this.#count(isLate(broken) ? 'late-head' : 'not-http')
    // The answer to a request with a broken body may have begun.
    const isBegun = current?.headersSent === true && !current.writableFinished
    if (isBegun) socket.destroy()
    else socket.end(textOf(answerToBroken(broken)))
    setTimeout(() => { socket.destroy() }, LAST_WORDS_MS).unref()
  }

  #cut (connection: Connection, ending: Ending): void {
    this.#count(ending)
    connection.socket.destroy()
  }

  #count (ending: Ending): void {
    this.totals[ending]++
    this.#options.onEnded(ending)
  }
}

/** Returns why a connection is late: a complete answer was not read, or a body continues after its answer. */
function latenessOf ({ current, socket }: Connection): Ending | undefined {
  if (current === undefined || !current.writableEnded || socket.destroyed) return undefined
  if (!current.writableFinished) return 'unread-answer'
  return current.req.complete ? undefined : 'late-body'
}
