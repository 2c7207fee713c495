import { ServiceTimes } from '../../services/organizations/usage-cost.ts'
import type { FairOrder, Ordered } from '../../services/organizations/fair-order.ts'
import { draw, seedOf } from '../draw.ts'
import { CLASS_COUNT, PRIORITIES } from '../classes.ts'
import type { Measures } from '../measure/measures.ts'
import type { EventPool } from './event-pool.ts'
import { lineOf } from './line-of.ts'
import type { Line, Order } from './line.ts'
import { isWithin, type Span } from './span.ts'
import { TimeHeap } from './time-heap.ts'

export interface WorkersOptions {
  readonly pool: EventPool
  readonly measures: Measures
  /** Events that one worker has in work at once. */
  readonly slots: number
  /** Share of attempts that fail. */
  readonly failures: number
  readonly attempts: number
  readonly timeOuts: readonly Span[]
  readonly timeOutMs: number
  readonly seed: number
  readonly typeOf: (id: number, organization: number) => string
  /** The type and the organization of the event in a slot of the pool. */
  readonly eventOf: (slot: number) => Ordered
  /** The order in which workers take events of a class, and the flows of a fair one. */
  readonly order: Order
  readonly fairOrder: FairOrder
}

const FIRST_RETRY_MS = 1_000
const NONE = -1

/** Workers that take the best class first, and from each class the oldest event, or the first in a fair order. */
export class Workers {
  /** Events that wait, by class. */
  readonly waiting: readonly Line[]
  /** Their service times together. */
  readonly waitingMs = new Float64Array(CLASS_COUNT)
  /** Events in work and failed events that are not yet due again, by class. */
  readonly active = new Float64Array(CLASS_COUNT)
  readonly delayed = new Float64Array(CLASS_COUNT)
  readonly serviceTimes = new ServiceTimes()
  readonly #options: WorkersOptions
  readonly #failureSeed: number
  readonly #completions = new TimeHeap()
  readonly #retries = new TimeHeap()
  #count = 1
  #taken = 0
  #speed = 1
  #isLifo = false
  done = 0
  dead = 0
  expired = 0
  /** Attempts that ever came to be made, by class, and that ever ended. */
  readonly arrived = new Float64Array(CLASS_COUNT)
  worked = 0

  constructor (options: WorkersOptions) {
    this.#options = options
    const { order, fairOrder, eventOf } = options
    this.waiting = PRIORITIES.map((priority) => lineOf(order, { fairOrder, priority, eventOf }))
    this.#failureSeed = seedOf(options.seed, 'failure')
  }

  /** Worker processes. */
  get count (): number { return this.#count }

  /** Slots of all workers. */
  get slots (): number { return this.#options.slots * this.#count }

  get takenSlots (): number { return this.#taken }

  /** Whether no work begins, since the consumer stalls. */
  get isHeldUp (): boolean { return this.#speed === 0 }

  /** Whether nothing waits, is in work or will be tried again. */
  get isIdle (): boolean {
    return this.#taken === 0 && this.#retries.size === 0 && this.waiting.every(({ size }) => size === 0)
  }

  /** Time of the next completion or retry. */
  get nextAt (): number { return Math.min(this.#completions.earliest, this.#retries.earliest) }

  /** Whether the newest event of a class goes first. */
  set isLifo (isLifo: boolean) { this.#isLifo = isLifo }

  setSpeed (speed: number, now: number): void {
    this.#speed = speed
    this.#start(now)
  }

  /** A worker that is removed finishes its events. */
  setCount (count: number, now: number): void {
    this.#count = count
    this.#start(now)
  }

  enqueue (slot: number, now: number): void {
    const { pool } = this.#options
    const priorityClass = pool.class[slot] as number
    this.arrived[priorityClass]!++
    this.waiting[priorityClass]!.push(slot)
    this.waitingMs[priorityClass]! += pool.serviceMs[slot] as number
    this.#start(now)
  }

  /** Does what is due at `nextAt`. */
  step (): void {
    const now = this.nextAt
    if (this.#completions.earliest <= this.#retries.earliest) this.#finish(this.#completions.pop(), now)
    else this.#retry(this.#retries.pop(), now)
  }

  #start (now: number): void {
    while (this.#taken < this.slots && this.#speed > 0) {
      const slot = this.#takeNext()
      if (slot === NONE) return
      const { pool, measures, timeOuts, timeOutMs } = this.#options
      if ((pool.expiresAt[slot] as number) <= now) {
        this.#expire(slot)
        continue
      }
      measures.attempted(slot, pool, now)
      this.#taken++
      this.active[pool.class[slot] as number]!++
      if (pool.attempts[slot]!++ === 0) measures.started(slot, pool, now)
      const isTimedOut = isWithin(timeOuts, now)
      pool.isTimedOut[slot] = Number(isTimedOut)
      pool.startedAt[slot] = now
      this.#completions.push(now + (isTimedOut ? timeOutMs : (pool.serviceMs[slot] as number) / this.#speed), slot)
    }
  }

  /** Nothing is done with an event that comes too late. */
  #expire (slot: number): void {
    const { pool, measures } = this.#options
    this.expired++
    measures.expired(slot, pool)
    pool.release(slot)
  }

  #takeNext (): number {
    for (let index = 0; index < CLASS_COUNT; index++) {
      const line = this.waiting[index] as Line
      if (line.size === 0) continue
      const slot = this.#isLifo ? line.pop() : line.shift()
      this.waitingMs[index]! -= this.#options.pool.serviceMs[slot] as number
      return slot
    }
    return NONE
  }

  #finish (slot: number, now: number): void {
    const { pool, failures, attempts, measures, typeOf } = this.#options
    const attempt = pool.attempts[slot] as number
    const priorityClass = pool.class[slot] as number
    const type = typeOf(pool.id[slot] as number, pool.organization[slot] as number)
    this.serviceTimes.observe([type], now - (pool.startedAt[slot] as number))
    this.#taken--
    this.worked++
    this.active[priorityClass]!--
    const isFailed = pool.isTimedOut[slot] === 1 ||
      (failures > 0 && draw(this.#failureSeed + attempt, pool.id[slot] as number) < failures)
    if (isFailed) {
      const dueAt = now + FIRST_RETRY_MS * 2 ** (attempt - 1)
      if (attempt < attempts && dueAt >= (pool.expiresAt[slot] as number)) {
        this.#expire(slot)
      } else if (attempt < attempts) {
        this.delayed[priorityClass]!++
        this.#retries.push(dueAt, slot)
      } else {
        this.dead++
        measures.died(slot, pool, now)
        pool.release(slot)
      }
    } else {
      this.done++
      measures.done(slot, pool, now)
      pool.release(slot)
    }
    this.#start(now)
  }

  #retry (slot: number, now: number): void {
    this.delayed[this.#options.pool.class[slot] as number]!--
    this.enqueue(slot, now)
  }
}
