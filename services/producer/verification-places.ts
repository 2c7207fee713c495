/*
 * Places for verifications of signatures, which take turns by client: a client that sends many wrong tokens waits for
 * itself. If too many wait, the client with the most loses one of them, and the others notice nothing.
 */

/** Verifications at once: enough for the threads of Node.js, and few enough that a turn comes soon. */
const MOST_PLACES = 16

/** Most tokens that wait: one core verifies so many within a fifth of a second. */
export const MOST_WAITING = 1_024

/** Called once, with whether the waiter has a place now. */
type Settle = (hasPlace: boolean) => void

export class VerificationPlaces {
  readonly #mostPlaces: number
  readonly #mostWaiting: number
  /** The waiters of each client, the client whose turn is next first. */
  readonly #lines = new Map<string, Set<Settle>>()
  #taken = 0
  #waiting = 0

  constructor (mostPlaces = MOST_PLACES, mostWaiting = MOST_WAITING) {
    this.#mostPlaces = mostPlaces
    this.#mostWaiting = mostWaiting
  }

  /**
   * Takes a place, which the caller gives back. Returns undefined if too many wait; otherwise a promise of whether there
   * is a place: a waiter may have to go for one of another client.
   */
  take (client: string): Promise<boolean> | undefined {
    if (this.#taken < this.#mostPlaces) {
      this.#taken++
      return Promise.resolve(true)
    }
    if (this.#waiting >= this.#mostWaiting && !this.#sendAway(client)) return undefined
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const line = this.#lines.get(client)
    if (line === undefined) this.#lines.set(client, new Set([resolve]))
    else line.add(resolve)
    this.#waiting++
    return promise
  }

  /** Gives a place back: it goes to the next client that waits. */
  give (): void {
    const [next] = this.#lines
    if (next === undefined) {
      this.#taken--
      return
    }
    const [client, line] = next
    this.#settleFirst(client, line, true)
    if (line.size === 0) return
    // The others have their turns first.
    this.#lines.delete(client)
    this.#lines.set(client, line)
  }

  /** Sends a waiter of the client with the most away; false if that is no other than the one who asks. */
  #sendAway (asking: string): boolean {
    let [client, longest] = [asking, this.#lines.get(asking)]
    const fair = (longest?.size ?? 0) + 1
    for (const [other, line] of this.#lines) if (line.size > (longest?.size ?? fair)) [client, longest] = [other, line]
    if (longest === undefined || longest.size <= fair) return false
    this.#settleFirst(client, longest, false)
    return true
  }

  #settleFirst (client: string, line: Set<Settle>, hasPlace: boolean): void {
    const [settle] = line
    if (settle === undefined) return
    line.delete(settle)
    if (line.size === 0) this.#lines.delete(client)
    this.#waiting--
    settle(hasPlace)
  }
}

/** Groups of an IPv6 address that name a network; its owner may use any address in it. */
const NETWORK_GROUPS = 4

/** Returns the network of an address, which counts as one client: the first half of an IPv6 address, or an IPv4 one. */
export function clientOf (address: string): string {
  if (!address.includes(':') || address.includes('.')) return address
  const [before = '', after] = address.split('::')
  const groups = before.split(':')
  if (after === undefined) return groups.slice(0, NETWORK_GROUPS).join(':')
  const tail = after.split(':')
  const zeros = Array<string>(Math.max(0, 8 - groups.length - tail.length)).fill('0')
  return [...groups, ...zeros, ...tail].slice(0, NETWORK_GROUPS).map((group) => group === '' ? '0' : group).join(':')
}
