/*
 * Runs smooth shedding on the readings of the queue. All that it looks at is counted for the whole fleet: what was
 * offered and refused at any replica, what went into the queue and what left it. So replicas come to the same shares
 * without a word between them; one that starts under load needs some seconds to catch up.
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

/** Readings come more often; over less than this, counts tell more of chance than of rates. */
const TICK_MS = 250

/** A reading of the queue as far as the loop needs it: counts without end, of which only differences serve. */
export interface BalanceReading {
  readonly redisTimeMs: number
  readonly depthByPriority: readonly number[]
  readonly enqueuedByPriority: readonly number[]
  readonly done: number
  readonly dead: number
  readonly ledger: { readonly admission: Readonly<Record<PriorityClass, { readonly received: number }>> }
}

export class ShedLoop {
  readonly #shedding: SmoothShedding
  #last: BalanceReading | undefined
  #offeredRate: ByClass = { critical: 0, normal: 0, low: 0 }

  /** @param from another one whose state this one goes on from */
  constructor (from?: ShedLoop) {
    this.#shedding = new SmoothShedding(from && from.#shedding)
    if (from === undefined) return
    this.#last = from.#last
    this.#offeredRate = from.#offeredRate
  }

  /** Share of all that is offered that is refused. */
  get share (): number {
    const { shares } = this.#shedding
    const rate = this.#offeredRate
    const offered = rate.critical + rate.normal + rate.low
    return offered > 0 ? (shares.normal * rate.normal + shares.low * rate.low) / offered : 0
  }

  get shares (): ByClass { return this.#shedding.shares }

  /** Takes in a reading, with the thresholds in force and the circuit as it was before. */
  observe (reading: BalanceReading, { hold, critical, recovery }: Thresholds, circuit: CircuitState): Shedding {
    const targetDepth = circuit === 'CLOSED' ? TARGET_SHARE * (hold ?? critical) : CLOSE_SHARE * recovery / 2
    const last = this.#last
    const elapsedMs = last === undefined ? 0 : reading.redisTimeMs - last.redisTimeMs
    if (last === undefined || elapsedMs < 0) {
      this.#last = reading
    } else if (elapsedMs >= TICK_MS) {
      this.#last = reading
      this.#update(last, reading, targetDepth, elapsedMs)
    }
    return { shares: this.#shedding.shares, targetDepth }
  }

  /** The queue cannot be read. The shares stay as they are. */
  lose (): void {
    this.#last = undefined
  }

  #update (from: BalanceReading, to: BalanceReading, targetDepth: number, elapsedMs: number): void {
    const perSecond = (before: number, after: number) => Math.max(0, after - before) * 1_000 / elapsedMs
    this.#offeredRate = byClass((name) =>
      perSecond(from.ledger.admission[name].received, to.ledger.admission[name].received))
    this.#shedding.update({
      offeredRate: this.#offeredRate,
      admittedRate: perSecond(sum(from.enqueuedByPriority), sum(to.enqueuedByPriority)),
      completedRate: perSecond(from.done + from.dead, to.done + to.dead),
      depth: sum(to.depthByPriority),
      targetDepth,
      elapsedMs
    })
  }
}
