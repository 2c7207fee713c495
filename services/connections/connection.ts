import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ApiPort } from './api-port.ts'
import { IncomingRequest, type Reading } from './incoming-request.ts'

/** The reasons for which this process ends a connection. */
export const ENDINGS = [
  'too-many-connections', 'too-many-requests', 'late-head', 'late-body', 'unread-answer', 'not-http'
] as const
export type Ending = typeof ENDINGS[number]

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Bytes of its body that arrived while it waits. */
  bytes: number
}

/** Called with each read of a connection: its cost, and its bytes of a body. */
export type ReadListener = (connection: Connection, cost: number, bytes: number) => void

/** The known state of an open connection. */
export class Connection implements Reading {
  readonly socket: Socket
  readonly port: ApiPort
  /** The answer that was begun last. */
  current: ServerResponse | undefined
  /** The request that came last, begun or not. */
  latest: IncomingMessage | undefined
  /** Bytes read before it arrived: two requests with the same number arrived in one read. */
  readAt = -1
  /** Requests that wait for earlier ones, in order. */
  readonly waiting: Exchange[] = []
  /** Answers that have begun and are not handed to the system yet. */
  begun = 0
  hasPipelined = false
  /** Requests that are never begun; Node keeps them until the connection ends. */
  dropped = 0
  /** Bytes of the bodies of dropped and waiting requests. */
  keptBytes = 0
  /** No further request is begun. */
  isEnding = false
  /** The byte count and the time at which the present burst of answers began. */
  burstFrom = 0
  burstSince = -Infinity
  /** The error of bytes that are not HTTP; it is answered after all earlier requests. */
  broken: Error | undefined
  /** Reads since the last words. */
  readsOn = 0
  /** The late answer, why it is late, and since when. */
  lateAnswer: ServerResponse | undefined
  lateBy: Ending | undefined
  lateSince = 0
  /** Reading from it is suspended. */
  isHeld = false
  hasWasted = false
  /** The turn of its last read, as the brake counts turns. */
  readInTurn = -1
  readonly #onRead: ReadListener
  #watched: ServerResponse | undefined

  constructor (socket: Socket, onRead: ReadListener = () => {}, port: ApiPort = 'main') {
    this.socket = socket
    this.port = port
    this.#onRead = onRead
  }

  hear (cost: number, bytes: number): void {
    this.#onRead(this, cost, bytes)
  }

  /** Calls back when the answer that began last is handed to the system, unless it already is. */
  watchCurrent (onSettled: () => void): void {
    const { current } = this
    if (current === undefined || current === this.#watched || current.writableFinished) return
    this.#watched = current
    this.begun++
    current.once('close', () => {
      this.begun--
      onSettled()
    })
  }

  /** Whether it has sent whole requests, one at a time and in chunks of fair size. */
  get isSteady (): boolean { return this.latest?.complete === true && !this.hasPipelined && !this.hasWasted }

  /** Whether the reader of the present body has enough for now. */
  get isFull (): boolean {
    return this.latest instanceof IncomingRequest && !this.latest.complete && this.latest.isFull
  }

  /** Whether complete requests still wait for answers. */
  get owesAnswers (): boolean {
    const isHalf = this.latest?.complete === false && this.current?.req === this.latest &&
      this.current === this.#watched
    return this.waiting.length > 0 || this.begun > (isHalf ? 1 : 0)
  }
}
