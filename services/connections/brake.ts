import type { Connection } from './connection.ts'

/** Held connections that are read from again in one turn. */
const RELEASED_PER_TURN = 8

/**
 * Stops reading for the rest of a turn. The system may have told of thousands of connections that can be read, and all of them
 * would be parsed before a single one that was cut is gone.
 *
 * With the next turn those go on that have sent requests one at a time so far, such as the producers whose events must not
 * wait. The others follow a few in a turn, those first of which nothing was read yet: a producer that connects must not wait
 * behind thousands whose head never ends.
 */
export class Brake {
  readonly #open: () => Iterable<Connection>
  readonly #fresh = new Set<Connection>()
  readonly #held = new Set<Connection>()
  #isOn = false
  #isReleasing = false

  constructor (open: () => Iterable<Connection>) {
    this.#open = open
  }

  apply (): void {
    if (this.#isOn) return
    this.#isOn = true
    const steady: Connection[] = []
    for (const connection of this.#open()) {
      if (connection.socket.isPaused()) continue
      connection.socket.pause()
      if (connection.isSteady) steady.push(connection)
      else (connection.socket.bytesRead === 0 ? this.#fresh : this.#held).add(connection)
    }
    // Connections end after the first of them, in the last step of a turn.
    setImmediate(() => setImmediate(() => {
      this.#isOn = false
      for (const { socket } of steady) socket.resume()
      this.#release()
    }))
  }

  /** The connection has ended. */
  forget (connection: Connection): void {
    this.#fresh.delete(connection)
    this.#held.delete(connection)
  }

  #release (): void {
    if (this.#isOn || this.#isReleasing) return
    for (let released = 0; released < RELEASED_PER_TURN; released++) {
      const [connection] = this.#fresh.size > 0 ? this.#fresh : this.#held
      if (connection === undefined) return
      this.forget(connection)
      connection.socket.resume()
    }
    this.#isReleasing = true
    setImmediate(() => {
      this.#isReleasing = false
      this.#release()
    })
  }
}
