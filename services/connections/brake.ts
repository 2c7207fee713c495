import type { Connection } from './connection.ts'

/** Held connections that are read from again in one turn. */
const RELEASED_PER_TURN = 8

/** Cost of all that is read in one turn, about a microsecond each (incoming-request.ts). */
const MOST_IN_TURN = 30_000

/**
 * Stops reading for the rest of a turn. The system may have told of thousands of connections that can be read, and all of them
 * would be parsed before a single one that was cut is gone, or a producer beside them has its turn.
 *
 * With the next turn those go on that have sent whole requests one at a time so far, such as the producers whose events must
 * not wait, and of these those first of which nothing was read in the turn that ends. The others follow a few in a turn, those
 * first of which nothing was read yet: a producer that connects must not wait behind thousands whose head never ends.
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

  /** Something has come on a connection that costs so much. */
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
      // Node itself pauses those that do not read their answers.
      if (connection.isHeld || (socket.isPaused() && !connection.isFull)) continue
      connection.isHeld = true
      socket.pause()
      if (connection.isSteady) (connection.readInTurn === this.#turn ? steady : unread).push(connection)
      else (socket.bytesRead === 0 ? this.#fresh : this.#held).add(connection)
    }
    // Connections end after the first of them, in the last step of a turn.
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

/** A connection whose reader has enough goes on when that asks for more: nobody bounds what would be kept for it. */
function goOn (connection: Connection): void {
  connection.isHeld = false
  if (!connection.isFull) connection.socket.resume()
}
