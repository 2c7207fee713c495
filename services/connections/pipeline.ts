/*
 * Queues pipelined requests. Node parses all requests of one read, up to 64 KB, in one turn of the event loop;
 * answering some fifteen hundred of them in that turn would stop all other connections. So they wait here, and each
 * turn begins a few, one per connection at a time:
 *
 *   read ──► nothing ahead of it ──────────────────────────────► begun at once
 *        └─► waiting, at most 100 ──► a turn of at most 5 ms ──► begun, at most 16 of a connection at once
 *
 * A connection with too many waiting requests, or too many bytes of answers in a burst, is closed after the answer to
 * the last request that has begun (RFC 9112 9.3.2: its client repeats the others). Node keeps parsed requests until
 * then, and at least until the end of the turn. So all kept requests count, with the bytes of their bodies of up to 64
 * KB each. Beyond a bound the connection is cut, and no other one is read before the next turn.
 */
import type { ConnectionBounds } from './server-options.ts'
import type { Connection, Exchange } from './connection.ts'

const TURN_MS = 5
const BURST_MS = 1_000

/** No further request begins while the client has this many bytes of an answer to read. */
const MOST_UNSENT_BYTES = 65_536

export interface PipelineOptions {
  readonly bounds: ConnectionBounds
  readonly begin: (connection: Connection, exchange: Exchange) => void
  /** Called when too much is kept: ends the connection, and suspends all others for the rest of the turn. */
  readonly cut: (connection: Connection) => void
  /** Called when a connection begins no further request. */
  readonly onEnding: () => void
  /** Called when an answer of the connection has been handed to the system. */
  readonly onSettled: (connection: Connection) => void
  /** Milliseconds, of any clock that does not go back. */
  readonly now: () => number
}

export class Pipeline {
  readonly #options: PipelineOptions
  readonly #ready = new Set<Connection>()
  #kept = 0
  #keptBytes = 0
  #isScheduled = false

  constructor (options: PipelineOptions) {
    this.#options = options
  }

  /** Queues a request that has to wait, at least for the next turn. */
  push (connection: Connection, exchange: Exchange): void {
    const { bounds, now } = this.#options
    if (connection.socket.destroyed) return
    if (this.#kept >= bounds.mostWaitingInAll) return this.#options.cut(connection)
    this.#kept++
    if (connection.isEnding || connection.waiting.length >= bounds.mostWaiting) {
      connection.dropped++
      this.#end(connection)
      return
    }
    if (connection.waiting.length === 0) {
      this.#watch(connection)
      if (now() - connection.burstSince > BURST_MS) this.#beginBurst(connection)
    }
    connection.waiting.push(exchange)
    this.#offer(connection)
  }

  /** Counts bytes of the body of the last request that arrived before it began. */
  keep (connection: Connection, bytes: number): void {
    if (connection.socket.destroyed) return
    const last = connection.waiting.at(-1)
    if (last !== undefined && last.request === connection.latest) last.bytes += bytes
    connection.keptBytes += bytes
    this.#keptBytes += bytes
    if (this.#keptBytes > this.#options.bounds.mostWaitingBytes) this.#options.cut(connection)
  }

  /** Drops the last request, which never begins. */
  forgetLast (connection: Connection): void {
    if (connection.waiting.pop() !== undefined) connection.dropped++
  }

  /** Forgets a connection that has ended. */
  release (connection: Connection): void {
    this.#kept -= connection.waiting.length + connection.dropped
    this.#keptBytes -= connection.keptBytes
    connection.keptBytes = 0
    connection.waiting.length = 0
    connection.dropped = 0
    this.#ready.delete(connection)
  }

  #watch (connection: Connection): void {
    connection.watchCurrent(() => {
      this.#offer(connection)
      this.#options.onSettled(connection)
    })
  }

  #offer (connection: Connection): void {
    if (!this.#mayBegin(connection)) return
    this.#ready.add(connection)
    this.#schedule()
  }

  #schedule (): void {
    if (this.#isScheduled) return
    this.#isScheduled = true
    setImmediate(this.#turn)
  }

  readonly #turn = (): void => {
    const { now } = this.#options
    const until = now() + TURN_MS
    this.#isScheduled = false
    // A set appends a connection that is added again.
    for (const connection of this.#ready) {
      this.#ready.delete(connection)
      if (!this.#mayBegin(connection)) continue
      this.#beginNext(connection)
      if (this.#mayBegin(connection)) this.#ready.add(connection)
      if (now() >= until) break
    }
    if (this.#ready.size > 0) this.#schedule()
  }

  #mayBegin ({ socket, current, waiting, begun }: Connection): boolean {
    return waiting.length > 0 && begun < this.#options.bounds.mostBegun && socket.writable &&
      // No answer follows the one that closes the connection. One that waits for the socket also counts as unsent.
      current?.shouldKeepAlive !== false && (current?.writableLength ?? 0) < MOST_UNSENT_BYTES
  }

  #beginNext (connection: Connection): void {
    const exchange = connection.waiting.shift()
    if (exchange === undefined) return
    this.#kept--
    this.#keptBytes -= exchange.bytes
    connection.keptBytes -= exchange.bytes
    if (this.#isBurstSpent(connection)) {
      connection.dropped += connection.waiting.length
      connection.waiting.length = 0
      this.#end(connection)
    }
    const isLast = connection.isEnding && connection.waiting.length === 0 && connection.broken === undefined
    if (isLast) exchange.response.shouldKeepAlive = false
    this.#options.begin(connection, exchange)
    this.#watch(connection)
  }

  #isBurstSpent (connection: Connection): boolean {
    const { bounds, now } = this.#options
    if (connection.socket.bytesWritten - connection.burstFrom <= bounds.mostBurstBytes) return false
    if (now() - connection.burstSince <= BURST_MS) return true
    this.#beginBurst(connection)
    return false
  }

  #beginBurst (connection: Connection): void {
    connection.burstFrom = connection.socket.bytesWritten
    connection.burstSince = this.#options.now()
  }

  #end (connection: Connection): void {
    if (connection.isEnding) return
    connection.isEnding = true
    this.#options.onEnding()
  }
}
