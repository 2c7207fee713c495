/*
 * Puts the parts of control together. A reading of the queue gives the flow, the flow gives waits, and waits give the
 * thresholds in force, if they are to adapt:
 *
 *   reading ─► capacity ─► flow ─► waits per class ─► shown, and held against the age of the oldest event
 *                            └───► depth of the budget of normal ─► thresholds in force
 *   reading ─► balance ─► shares to shed, if load is shed smoothly ─► shares to keep, if there is a sample
 */
import type { CircuitState } from '../admission/circuit.ts'
import { oldestWaitingSeconds } from '../admission/oldest-waiting.ts'
import type { PriorityClass } from '../admission/priority-class.ts'
import { rounded } from '../admission/rate.ts'
import { sum, sumByClass } from '../admission/sum.ts'
import type { Thresholds } from '../admission/thresholds.ts'
import { AdaptiveThresholds } from './adaptive-thresholds.ts'
import type { CapacityEstimate, Evidence } from './capacity.ts'
import { relief, type Relief, type Sampling } from './kept-shares.ts'
import { ShedLoop, type BalanceReading } from './shed-loop.ts'
import { byClass, depthWithin, startMs, timeToEmptyMs, waitMs, type ByClass, type Flow } from './wait.ts'
import { WaitCheck } from './wait-check.ts'

/** A reading of the queue as far as control needs it, arrays by priority. */
export interface ControlReading {
  readonly redisTimeMs: number
  readonly depthByPriority: readonly number[]
  /** Events that workers have in hand; they are part of the depth. */
  readonly activeByPriority?: readonly number[]
  readonly oldestWaitingMsByPriority: readonly (number | null)[]
}

export interface ControlOptions {
  capacity: { readonly estimate: CapacityEstimate }
  /** Whether thresholds follow the capacity. */
  isAdaptive: boolean
  /** Whether a share of the load is shed instead of all of a class. */
  isSmooth?: boolean
  /** The classes of which a sample is kept under pressure; off by default. */
  sampling?: Sampling
  /** Milliseconds that an event of each class may wait. */
  budgetMs: ByClass
  /** Gets the classes whose oldest events have waited for far longer than was predicted; at most every 30 s. */
  onUnderestimated: (classes: readonly PriorityClass[], state: ControlState) => void
}

/** The estimates behind the thresholds; null stands for what is unknown, and for a wait that does not end. */
export interface ControlState {
  /** Events per second. */
  readonly capacityPerSecond: number | null
  readonly evidence: Evidence
  readonly evidenceAgeMs: number | null
  /** The longer of the wait of a new event and that of the oldest one. */
  readonly waitMs: ByClass<number | null>
  readonly timeToEmptyMs: ByClass<number | null>
  /** Share of all that is offered that is shed smoothly, and of each class. */
  readonly shedShare: number
  readonly shedShareByClass: ByClass
  /** Share of each class that is kept as a sample. */
  readonly keptShareByClass: ByClass
}

const UNDERESTIMATED_INTERVAL_MS = 30_000

const ALL: ByClass = Object.freeze({ critical: 1, normal: 1, low: 1 })
const NO_SHARE: ByClass = Object.freeze({ critical: 0, normal: 0, low: 0 })

const NOBODY: ByClass<null> = Object.freeze({ critical: null, normal: null, low: null })

export class Control {
  readonly #options: ControlOptions
  readonly #adaptive = new AdaptiveThresholds()
  readonly #check = new WaitCheck()
  readonly #loop: ShedLoop | undefined
  #kept = ALL
  #last: { reading: ControlReading, arrivalRateByPriority: readonly number[] } | undefined
  #toldAt = -Infinity

  constructor (options: ControlOptions) {
    this.#options = options
    if (options.isSmooth === true) this.#loop = new ShedLoop()
  }

  get isAdaptive (): boolean { return this.#options.isAdaptive }

  get isSmooth (): boolean { return this.#loop !== undefined }

  get sampling (): Sampling { return this.#options.sampling ?? 'off' }

  get budgetMs (): ByClass { return this.#options.budgetMs }

  /**
   * Takes in a reading and returns the thresholds that are in force with it.
   *
   * @param operator the thresholds that the operator has set
   */
  observe (reading: ControlReading, arrivalRateByPriority: readonly number[], operator: Thresholds): Thresholds {
    const elapsedMs = Math.max(0, reading.redisTimeMs - (this.#last?.reading.redisTimeMs ?? Infinity))
    this.#last = { reading, arrivalRateByPriority }
    if (!this.#options.isAdaptive) return operator
    const { estimate } = this.#options.capacity
    const flow = this.#flow
    if (flow === undefined || estimate.evidence === 'held') return this.#adaptive.next(operator, undefined, elapsedMs)
    this.#hold(reading, flow)
    const { normal: budgetMs } = this.#options.budgetMs
    const depth = depthWithin(budgetMs, 'normal', flow)
    return this.#adaptive.next(operator, { depth, isMeasured: estimate.isMeasured, budgetMs }, elapsedMs)
  }

  /** Takes in a reading, with the thresholds in force, and returns what to shed and what to keep. */
  relieve (reading: BalanceReading, thresholds: Thresholds, circuit: CircuitState): Relief {
    const shedding = this.#loop?.observe(reading, thresholds, circuit)
    const answer = relief(this.sampling, sum(reading.depthByPriority), thresholds, shedding)
    this.#kept = answer.kept ?? ALL
    return answer
  }

  /** The queue cannot be read. The thresholds stay as they are, and so does what is shed. */
  lose (): void {
    this.#loop?.lose()
    this.#last = undefined
  }

  /** Events per second that workers can finish, undefined unless the last reading was evidence of it. */
  get provenPerSecond (): number | undefined {
    const { perSecond, evidence } = this.#options.capacity.estimate
    return evidence !== 'held' && Number.isFinite(perSecond) ? perSecond : undefined
  }

  /**
   * Milliseconds until workers begin an event in the queue; undefined without present evidence of the capacity, such as
   * while work is paused or nobody works, and if it does not begin at these rates.
   *
   * @param ageMs how long it has waited; 0 for one that comes now
   */
  startsInMs (priority: number, ageMs: number): number | undefined {
    const capacity = this.#flow?.capacity
    if (this.#last === undefined || capacity === undefined || this.provenPerSecond === undefined) return undefined
    const { reading, arrivalRateByPriority: arrivalRate } = this.#last
    const { depthByPriority, activeByPriority = [], oldestWaitingMsByPriority: oldestMs } = reading
    const ms = startMs(priority, ageMs, {
      waiting: depthByPriority.map((depth, index) => Math.max(0, depth - (activeByPriority[index] ?? 0))),
      oldestMs,
      arrivalRate,
      capacity
    })
    return Number.isFinite(ms) ? ms : undefined
  }

  get state (): ControlState {
    const { perSecond, evidence, ageMs } = this.#options.capacity.estimate
    const flow = this.#flow
    const age = this.#oldestMs
    const waits = flow && waitMs(flow)
    return {
      capacityPerSecond: Number.isFinite(perSecond) ? rounded(perSecond!) : null,
      evidence,
      evidenceAgeMs: ageMs ?? null,
      waitMs: waits === undefined ? NOBODY : byClass((name) => shown(Math.max(waits[name], age[name] ?? 0))),
      timeToEmptyMs: flow === undefined ? NOBODY : mapped(timeToEmptyMs(flow), shown),
      shedShare: shownShare(this.#loop?.share ?? 0),
      shedShareByClass: mapped(this.#loop?.shares ?? NO_SHARE, shownShare),
      keptShareByClass: mapped(this.#kept, shownShare)
    }
  }

  /** Holds the waits that are predicted now, and those that were, against the age of the oldest events. */
  #hold ({ redisTimeMs }: ControlReading, flow: Flow): void {
    const late = this.#check.observe(redisTimeMs, waitMs(flow), this.#oldestMs)
    if (late.length === 0 || redisTimeMs - this.#toldAt < UNDERESTIMATED_INTERVAL_MS) return
    this.#toldAt = redisTimeMs
    this.#options.onUnderestimated(late, this.state)
  }

  /** Undefined while the queue cannot be read, or before there is an estimate. */
  get #flow (): Flow | undefined {
    const { safePerSecond: capacity } = this.#options.capacity.estimate
    if (this.#last === undefined || capacity === undefined) return undefined
    const { reading: { depthByPriority }, arrivalRateByPriority } = this.#last
    return { backlog: sumByClass(depthByPriority), arrivalRate: sumByClass(arrivalRateByPriority), capacity }
  }

  get #oldestMs (): ByClass<number | null> {
    const seconds = oldestWaitingSeconds(this.#last?.reading.oldestWaitingMsByPriority)
    return mapped(seconds, (value) => value === null ? null : value * 1_000)
  }
}

function mapped<From, To> (values: ByClass<From>, to: (value: From) => To): ByClass<To> {
  return byClass((name) => to(values[name]))
}

function shown (value: number): number | null {
  return Number.isFinite(value) ? Math.round(value) : null
}

/** To a thousandth: what is shown has no more digits. */
function shownShare (share: number): number {
  return Math.round(share * 1_000) / 1_000
}
