import { TurnedTime } from './turned-time.ts'

const BEAT_MS = 20

/** A counter of the time in which the event loop turned. */
export interface Beating {
  /** Called with each beat, in the timers phase: answers that arrived may not have been read yet. */
  beat (elapsedMs: number): void
}

/** One timer for all counters of turned time in this process. It runs only while there is a member. */
class Heartbeat {
  readonly #members = new Set<Beating>()
  readonly #keepers = new Set<Beating>()
  readonly #time = new TurnedTime(performance.now())
  #timer: NodeJS.Timeout | undefined

  /** Milliseconds in which the event loop turned while there was a member. */
  get elapsedMs (): number { return this.#time.elapsedMs }

  /** @param keepsAlive whether this member keeps the process alive */
  join (member: Beating, keepsAlive: boolean): void {
    this.#members.add(member)
    if (keepsAlive) this.#keepers.add(member)
    if (this.#timer === undefined) {
      this.#timer = setInterval(this.#beat, BEAT_MS)
      // Time without a member does not count.
      this.#time.turn(performance.now())
    }
    this.#keep()
  }

  leave (member: Beating): void {
    this.#members.delete(member)
    this.#keepers.delete(member)
    this.#keep()
    if (this.#members.size > 0) return
    clearInterval(this.#timer)
    this.#timer = undefined
  }

  readonly #beat = (): void => {
    this.#time.turn(performance.now())
    for (const member of this.#members) member.beat(this.#time.elapsedMs)
  }

  #keep (): void {
    if (this.#keepers.size > 0) this.#timer?.ref()
    else this.#timer?.unref()
  }
}

/** The heartbeat of this process. */
export const heartbeat = new Heartbeat()
