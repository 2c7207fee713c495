import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { IncomingRequest, type Reading } from './incoming-request.ts'

/** Why a connection was ended by us. */
export const ENDINGS = [
  'too-many-connections', 'too-many-requests', 'late-head', 'late-body', 'unread-answer', 'not-http'
] as const
export type Ending = typeof ENDINGS[number]

export interface Exchange {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Bytes of its body that have come while it waits. */
  bytes: number
}

/** Called with all that is read of a connection, the cost of it and its bytes of a body. */
export type ReadListener = (connection: Connection, cost: number, bytes: number) => void

/** The known state of an open connection. */
export class Connection implements Reading {
  readonly socket: Socket
  /** The answer that was begun last. */
  current: ServerResponse | undefined
  /** The request that came last, begun or not. */
  latest: IncomingMessage | undefined
  /** Bytes that had been read when it came: two requests with the same number came in one read. */
  readAt = -1
  /** Requests that wait for those before them, in order. */
  readonly waiting: Exchange[] = []
  /** Answers that are begun, not handed to the system yet, and waited for. */
  begun = 0
  hasPipelined = false
  /** Requests that are never begun; Node keeps them until the connection ends. */
  dropped = 0
  /** Bytes of the bodies of these, and of the requests that wait. */
  keptBytes = 0
  /** No further request is begun. */
  isEnding = false
  /** From where the bytes of a burst of answers are counted, and since when. */
  burstFrom = 0
  burstSince = -Infinity
  /** There is something on it that is not HTTP, which is answered once all before it is. */
  broken: Error | undefined
  /** Reads after the last words. */
  readsOn = 0
  /** The answer that is late in some way, the way, and since when. */
  lateAnswer: ServerResponse | undefined
  lateBy: Ending | undefined
  lateSince = 0
  /** Nothing more of it is read for now. */
  isHeld = false
  hasWasted = false
  /** The turn in which something of it was read last, as the brake counts them. */
  readInTurn = -1
  readonly #onRead: ReadListener
  #watched: ServerResponse | undefined

  constructor (socket: Socket, onRead: ReadListener = () => {}) {
    this.socket = socket
    this.#onRead = onRead
  }

  hear (cost: number, bytes: number): void {
    this.#onRead(this, cost, bytes)
  }

  /** Calls back when the answer that was begun last has been handed to the system, unless it has. */
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

  /** Whether it has sent whole requests, one at a time and in chunks of a fair size. */
  get isSteady (): boolean { return this.latest?.complete === true && !this.hasPipelined && !this.hasWasted }

  /** Whether the reader of the body that is in progress has enough for now. */
  get isFull (): boolean {
    return this.latest instanceof IncomingRequest && !this.latest.complete && this.latest.isFull
  }

  /** Whether answers are owed to requests that came whole. */
  get owesAnswers (): boolean {
    const isHalf = this.latest?.complete === false && this.current?.req === this.latest && this.current === this.#watched
    return this.waiting.length > 0 || this.begun > (isHalf ? 1 : 0)
  }
}
