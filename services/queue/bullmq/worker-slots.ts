/*
 * A process has one set of slots for the workers of all its shards. A worker takes a slot before it asks for a batch,
 * and keeps it for its next batch unless another one has more right to it:
 *
 *   first the better rank    a critical batch of one shard goes before the low ones of another
 *   then the fewer slots     shards of one rank get about equally many, and none is left without
 *   then the longer wait
 *
 * A worker that ends a batch while another one waits looks up the first ranks of the shards. So a batch waits for one
 * slot to become free, as in a single queue, or for 5 ms more, and a shard alone asks for nothing.
 */

/** The part of a worker in the slots of its process. */
export interface Member {
  /** Slots that it has. */
  readonly taken: number
  /** The best rank that waits in its shard, as far as known; 0 if it was not looked up. */
  readonly rank: number
  readonly isWaiting: boolean
}

/** Returns the rank of the first batch of a shard, Infinity without one. */
export type RankLook = () => Promise<number>

interface Waiting extends Member {
  /** Grows with each wait that begins. */
  readonly waitingSince: number
}

interface Seat extends Waiting {
  taken: number
  rank: number
  isWaiting: boolean
  waitingSince: number
  grant: (isGranted: boolean) => void
  readonly look: RankLook
}

/** Tells which of two waiting workers gets a slot first. */
export function compareMembers (one: Waiting, other: Waiting): number {
  return one.rank - other.rank || one.taken - other.taken || one.waitingSince - other.waitingSince
}

/** Tells whether a worker keeps its slot although another one waits. */
export function keepsSlot (own: Member, other: Member): boolean {
  if (own.rank !== other.rank) return own.rank < other.rank
  return other.taken > 0 && own.taken <= other.taken + 1
}

/** Workers that end batches within this time share a look. */
const LOOK_LIFE_MS = 5

export class WorkerSlots {
  readonly #most: number
  readonly #now: () => number
  #look: Promise<unknown> = Promise.resolve()
  #lookedAt = -Infinity
  readonly #seats = new Set<Seat>()
  #taken = 0
  #waits = 0

  /** @param now milliseconds, of any clock that does not go back */
  constructor (most: number, now: () => number = () => performance.now()) {
    this.#most = most
    this.#now = now
  }

  /** Adds a worker. */
  join (look: RankLook): SlotSeat {
    const seat: Seat = { taken: 0, rank: 0, isWaiting: false, waitingSince: 0, grant: () => {}, look }
    this.#seats.add(seat)
    return {
      take: () => this.#take(seat),
      give: () => { this.#give(seat) },
      cancel: () => { if (seat.isWaiting) this.#end(seat, false) },
      lookAround: () => this.#lookAround(seat),
      mayKeep: () => this.#mayKeep(seat),
      leave: () => {
        if (seat.isWaiting) this.#end(seat, false)
        this.#seats.delete(seat)
      }
    }
  }

  get #waiting (): Seat[] { return [...this.#seats].filter(({ isWaiting }) => isWaiting) }

  #take (seat: Seat): true | Promise<boolean> {
    if (this.#taken < this.#most) {
      this.#taken++
      seat.taken++
      return true
    }
    return new Promise((resolve) => {
      Object.assign(seat, { isWaiting: true, waitingSince: this.#waits++, grant: resolve })
    })
  }

  #give (seat: Seat): void {
    seat.taken--
    this.#taken--
    const [first] = this.#waiting.toSorted(compareMembers)
    if (first === undefined || this.#taken >= this.#most) return
    this.#taken++
    first.taken++
    this.#end(first, true)
  }

  #end (seat: Seat, isGranted: boolean): void {
    seat.isWaiting = false
    seat.grant(isGranted)
  }

  #mayKeep (seat: Seat): boolean {
    return this.#waiting.every((other) => other === seat || keepsSlot(seat, other))
  }

  async #lookAround (seat: Seat): Promise<void> {
    const others = this.#waiting.filter((other) => other !== seat)
    if (others.length === 0) return
    if (this.#now() - this.#lookedAt >= LOOK_LIFE_MS) {
      this.#lookedAt = this.#now()
      this.#look = Promise.all([...this.#seats].map(async (each) => {
        // An unknown rank is no reason to wait: the worker finds out itself.
        each.rank = await each.look().catch(() => 0)
      }))
    }
    await this.#look
  }
}

/** The access of a worker to the slots of its process. */
export interface SlotSeat {
  /** Takes a slot; the promise resolves with false if the wait for one was cancelled. */
  readonly take: () => true | Promise<boolean>
  readonly give: () => void
  /** Ends the wait for a slot. */
  readonly cancel: () => void
  /** Looks up the first ranks of the shards if others wait for a slot. */
  readonly lookAround: () => Promise<void>
  /** Whether the worker may use its slot for its next batch. */
  readonly mayKeep: () => boolean
  readonly leave: () => void
}
