/*
 * Runs smooth shedding on the readings of the queue. All that it looks at is counted for the whole fleet: what was
 * offered and refused at any replica, what went into the queue and what left it. So replicas come to the same shares
 * without a word between them; one that starts under load begins with the pressure of another one.
 *
 *   target depth   CLOSED           0.5 × critical, or of the hold if there is one: below the 0.8 from which all low
 *                                   events are refused
 *                  not CLOSED yet   0.3 × recovery       half of the depth at which the circuit closes, so that it does
 */
import type { CircuitState } from '../admission/circuit.ts'
import type { PriorityClass } from '../admission/priority-class.ts'
import type { Shedding } from '../admission/signals.ts'
import { sum } from '../admission/sum.ts'
import { CLOSE_SHARE, type Thresholds } from '../admission/thresholds.ts'
import { SmoothShedding } from './smooth-shedding.ts'
import { byClass, type ByClass } from './wait.ts'

const TARGET_SHARE = 0.5

/** Readings come more often; the pressure moves at most this often. */
const TICK_MS = 250

/**
 * Rates are means over this time. An array may bring a second of load at once: in the quarter of it the load would seem
 * four times as large and otherwise gone, and the steps up and down would cancel out.
 */
const WINDOW_MS = 3_000

/** The same for fewer events than this that went into the queue or left it, but the loop waits no longer for them. */
const TICK_EVENTS = 16
const LONGEST_TICK_MS = 1_000

/** A reading of the queue as far as the loop needs it: counts without end, of which only differences serve. */
export interface BalanceReading {
  readonly redisTimeMs: number
  readonly depthByPriority: readonly number[]
  readonly enqueuedByPriority: readonly number[]
  readonly done: number
  readonly dead: number
  readonly expired: number
  readonly ledger: { readonly admission: Readonly<Record<PriorityClass, { readonly received: number }>> }
}

/** Counts without end at a moment. */
interface Tick {
  readonly at: number
  readonly received: ByClass
  readonly admitted: number
  readonly completed: number
}

export class ShedLoop {
  readonly #shedding: SmoothShedding
  /** Those of the window, oldest first. */
  #ticks: readonly Tick[] = []
  #offeredRate: ByClass = { critical: 0, normal: 0, low: 0 }

  /** @param from another one whose state this one goes on from, or no more than its pressure */
  constructor (from?: ShedLoop | number) {
    this.#shedding = new SmoothShedding(from instanceof ShedLoop ? from.#shedding : from)
    if (!(from instanceof ShedLoop)) return
    this.#ticks = from.#ticks
    this.#offeredRate = from.#offeredRate
  }

  /** Share of all that is offered that is refused. */
  get share (): number {
    const { shares } = this.#shedding
    const rate = this.#offeredRate
    const offered = rate.critical + rate.normal + rate.low
    return offered > 0 ? (shares.normal * rate.normal + shares.low * rate.low) / offered : 0
  }

  get pressure (): number { return this.#shedding.pressure }

  get shares (): ByClass { return this.#shedding.shares }

  /** Takes in a reading, with the thresholds in force and the circuit as it was before. */
  observe (reading: BalanceReading, { hold, critical, recovery }: Thresholds, circuit: CircuitState): Shedding {
    const targetDepth = circuit === 'CLOSED' ? TARGET_SHARE * (hold ?? critical) : CLOSE_SHARE * recovery / 2
    const last = this.#ticks.at(-1)
    const elapsedMs = last === undefined ? 0 : reading.redisTimeMs - last.at
    const to = tickOf(reading)
    if (last === undefined || elapsedMs < 0 || to.admitted < last.admitted) this.#ticks = [to]
    else if (isTick(last, to)) this.#update(to, sum(reading.depthByPriority), targetDepth, elapsedMs)
    return { shares: this.#shedding.shares, targetDepth }
  }

  /** The queue cannot be read. The shares stay as they are. */
  lose (): void {
    this.#ticks = []
  }

  #update (to: Tick, depth: number, targetDepth: number, elapsedMs: number): void {
    const ticks = this.#ticks.filter(({ at }, index) => to.at - at <= WINDOW_MS || index === this.#ticks.length - 1)
    this.#ticks = [...ticks, to]
    const [from] = ticks as [Tick]
    const perSecond = (before: number, after: number) => Math.max(0, after - before) * 1_000 / (to.at - from.at)
    this.#offeredRate = byClass((name) => perSecond(from.received[name], to.received[name]))
    this.#shedding.update({
      offeredRate: this.#offeredRate,
      admittedRate: perSecond(from.admitted, to.admitted),
      completedRate: perSecond(from.completed, to.completed),
      depth,
      targetDepth,
      elapsedMs
    })
  }
}

function tickOf ({ redisTimeMs, enqueuedByPriority, done, dead, expired, ledger }: BalanceReading): Tick {
  return {
    at: redisTimeMs,
    received: byClass((name) => ledger.admission[name].received),
    admitted: sum(enqueuedByPriority),
    completed: done + dead + expired
  }
}

/** Whether enough has happened between two readings to tell rates. */
function isTick (from: Tick, to: Tick): boolean {
  const elapsedMs = to.at - from.at
  const events = to.admitted - from.admitted + Math.max(0, to.completed - from.completed)
  return elapsedMs >= LONGEST_TICK_MS || (elapsedMs >= TICK_MS && events >= TICK_EVENTS)
}
