import type { Connection } from './connection.ts'

/** Held connections that are resumed in one turn. */
const RELEASED_PER_TURN = 8

/** Cost of all that is read in one turn, about a microsecond each (incoming-request.ts). */
const MOST_IN_TURN = 30_000

/**
 * Stops reading for the rest of a turn. The system may report thousands of readable connections at once; parsing them
 * all would delay the end of connections that were cut, and all producers beside them.
 *
 * The next turn resumes all connections that have sent whole requests, one at a time, such as producers whose events
 * must not wait; those that were not read in the last turn go first. The others follow, a few in each turn. Connections
 * that were never read go first: a new producer must not wait behind thousands of endless heads.
 */
export class Brake {
  readonly #open: () => Iterable<Connection>
  readonly #fresh = new Set<Connection>()
  readonly #held = new Set<Connection>()
  #isOn = false
  #isReleasing = false
  #spent = 0
  #turn = 0

  constructor (open: () => Iterable<Connection>) {
    this.#open = open
  }

  /** Counts the cost of data that arrived on a connection. */
  spend (connection: Connection, cost: number): void {
    if (this.#spent === 0) setImmediate(this.#endTurn)
    connection.readInTurn = this.#turn
    this.#spent += cost
    if (this.#spent > MOST_IN_TURN) this.apply()
  }

  apply (): void {
    if (this.#isOn) return
    this.#isOn = true
    const unread: Connection[] = []
    const steady: Connection[] = []
    for (const connection of this.#open()) {
      const { socket } = connection
      // Node pauses connections that do not read their answers.
      if (connection.isHeld || (socket.isPaused() && !connection.isFull)) continue
      connection.isHeld = true
      socket.pause()
      if (connection.isSteady) (connection.readInTurn === this.#turn ? steady : unread).push(connection)
      else (socket.bytesRead === 0 ? this.#fresh : this.#held).add(connection)
    }
    // Connections close in the last step of a turn, after the first of the two.
    setImmediate(() => setImmediate(() => {
      this.#isOn = false
      for (const connection of unread) goOn(connection)
      for (const connection of steady) goOn(connection)
      this.#release()
    }))
  }

  /** The connection has ended. */
  forget (connection: Connection): void {
    this.#fresh.delete(connection)
    this.#held.delete(connection)
  }

  readonly #endTurn = (): void => {
    this.#spent = 0
    this.#turn++
  }

  #release (): void {
    if (this.#isOn || this.#isReleasing) return
    for (let released = 0; released < RELEASED_PER_TURN; released++) {
      const [connection] = this.#fresh.size > 0 ? this.#fresh : this.#held
      if (connection === undefined) return
      this.forget(connection)
      goOn(connection)
    }
    this.#isReleasing = true
    setImmediate(() => {
      this.#isReleasing = false
      this.#release()
    })
  }
}

/** A connection with a full reader resumes when the reader asks for more: its buffer would have no bound. */
function goOn (connection: Connection): void {
  connection.isHeld = false
  if (!connection.isFull) connection.socket.resume()
}
