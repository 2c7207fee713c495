/*
 * Puts the parts of control together. A reading of the queue gives the flow, the flow gives waits, and waits give the
 * thresholds in force, if they are to adapt:
 *
 *   reading ─► capacity ─► flow ─► waits per class ─► shown, and held against the age of the oldest event
 *                            └───► depth of the budget of normal ─► thresholds in force
 *   reading ─► balance ─► shares to shed, if load is shed smoothly ─► shares to keep, if there is a sample
 *
 * A process that starts goes on from what the others have learned, see learned.ts.
 *
 * Operators switch each part while the service runs. A part that is off computes nothing. Adaptive thresholds go on from
 * what they had learned; smooth shedding begins without pressure, since that of another hour says nothing of this one.
 */
import { RESETS_FIELD } from '../admission/admission-state.ts'
import type { CircuitState } from '../admission/circuit.ts'
import { oldestWaitingSeconds } from '../admission/oldest-waiting.ts'
import type { PriorityClass } from '../admission/priority-class.ts'
import type { PredictedWaits } from '../admission/signals.ts'
import { sum, sumByClass } from '../admission/sum.ts'
import type { Thresholds } from '../admission/thresholds.ts'
import { AdaptiveThresholds } from './adaptive-thresholds.ts'
import type { Capacity } from './capacity.ts'
import { controlState, mapped, type ControlState } from './control-state.ts'
import { decodeLearned, encodeLearned, LEARNED_FIELD, type Learned } from './learned.ts'
import { relief, type Relief, type Sampling } from './kept-shares.ts'
import { ShedLoop, type BalanceReading } from './shed-loop.ts'
import { ThresholdGlide } from './threshold-glide.ts'
import { depthWithin, predictedWaits, startMs, waitMs, type ByClass, type Flow } from './wait.ts'
import { WaitCheck } from './wait-check.ts'

/** A reading of the queue as far as control needs it, arrays by priority. */
export interface ControlReading {
  readonly redisTimeMs: number
  readonly depthByPriority: readonly number[]
  /** Those of them that workers have in hand. */
  readonly activeByPriority: readonly number[]
  readonly oldestWaitingMsByPriority: readonly (number | null)[]
  /** The record that all replicas share. */
  readonly control: Readonly<Record<string, string>>
}

/** The settings of operators for control; they may change with each reading. */
export interface ControlSettings {
  /** Whether thresholds follow the capacity. */
  readonly thresholds: 'static' | 'adaptive'
  /** How long an event of each class may wait. */
  readonly budgetsMs: ByClass
  /** Whether a share of the load is shed instead of all of a class. */
  readonly shedding: 'cliff' | 'smooth'
  /** The classes of which a sample is kept under pressure. */
  readonly sampling: Sampling
  /** Whether organizations above their fair shares give way before others. */
  readonly fairness: 'off' | 'on'
}

export interface ControlOptions {
  capacity: Pick<Capacity, 'estimate' | 'learned' | 'join'>
  settings: () => ControlSettings
  /** Gets the classes whose oldest events have waited for far longer than was predicted; at most every 30 s. */
  onUnderestimated: (classes: readonly PriorityClass[], state: ControlState) => void
}

const UNDERESTIMATED_INTERVAL_MS = 30_000

/** Rates that are nearly equal give waits of any length, which no time can express. */
const MOST_START_MS = 365 * 86_400_000

const ALL: ByClass = Object.freeze({ critical: 1, normal: 1, low: 1 })
const NOTHING: ByClass = Object.freeze({ critical: 0, normal: 0, low: 0 })

export class Control {
  readonly #options: ControlOptions
  readonly #adaptive: AdaptiveThresholds
  readonly #glide: ThresholdGlide
  readonly #check = new WaitCheck()
  #loop: ShedLoop | undefined
  #kept = ALL
  #last: { reading: ControlReading, arrivalRateByPriority: readonly number[] } | undefined
  #toldAt = -Infinity
  #hasJoined = false
  #seenResets: string | undefined

  /** @param from another one whose state this one goes on from */
  constructor (options: ControlOptions, from?: Control) {
    this.#options = options
    this.#adaptive = new AdaptiveThresholds(from && from.#adaptive)
    this.#glide = new ThresholdGlide(from && from.#glide)
    if (from === undefined) return
    this.#loop = from.#loop && new ShedLoop(from.#loop)
    this.#kept = from.#kept
    this.#last = from.#last
    this.#hasJoined = from.#hasJoined
    this.#seenResets = from.#seenResets
  }

  get settings (): ControlSettings { return this.#options.settings() }

  /** Returns a copy in the same state that follows other settings. It tells nobody of waits. */
  fork (settings: () => ControlSettings): Control {
    return new Control({ capacity: this.#options.capacity, settings, onUnderestimated: () => {} }, this)
  }

  /**
   * Takes in a reading and returns the thresholds that are in force with it.
   *
   * @param operator the thresholds that the operator has set
   */
  observe (reading: ControlReading, arrivalRateByPriority: readonly number[], operator: Thresholds): Thresholds {
    this.#follow(reading)
    const elapsedMs = Math.max(0, reading.redisTimeMs - (this.#last?.reading.redisTimeMs ?? Infinity))
    this.#last = { reading, arrivalRateByPriority }
    const { thresholds, budgetsMs } = this.settings
    const target = thresholds === 'adaptive' ? this.#adapted(reading, operator, budgetsMs.normal, elapsedMs) : operator
    return this.#glide.next(target, target === operator, elapsedMs)
  }

  /**
   * Takes in a reading, with the thresholds in force, and returns what to shed and what to keep.
   *
   * @param mostLow the highest share of low events to keep as a sample
   */
  relieve (reading: BalanceReading, thresholds: Thresholds, circuit: CircuitState, mostLow = 1): Relief {
    const { shedding: kind, sampling } = this.settings
    this.#loop = kind === 'smooth' ? this.#loop ?? new ShedLoop() : undefined
    const shedding = this.#loop?.observe(reading, thresholds, circuit)
    const answer = relief(sampling, sum(reading.depthByPriority), thresholds, shedding, mostLow)
    this.#kept = answer.kept ?? ALL
    return answer
  }

  /** The queue cannot be read. The thresholds stay as they are, and so does what is shed. */
  lose (): void {
    this.#loop?.lose()
    this.#last = undefined
  }

  /**
   * The findings for processes that start, as learned.ts encodes them; undefined before there are any. The number of
   * workers that are needed follows from the speed of one, so that is shared whatever else is decided by it.
   */
  get learned (): string | undefined {
    const { thresholds, shedding } = this.settings
    const { learned: speed } = this.#options.capacity
    if (this.#last === undefined || (thresholds === 'static' && shedding === 'cliff' && speed === undefined)) {
      return undefined
    }
    return encodeLearned({
      speed, thresholds: this.#adaptive.learned, pressure: this.#loop?.pressure
    }, this.#last.reading.redisTimeMs)
  }

  /** Events per second that workers can finish, undefined unless the last reading was evidence of it. */
  get provenPerSecond (): number | undefined {
    const { perSecond, evidence } = this.#options.capacity.estimate
    return evidence !== 'held' && Number.isFinite(perSecond) ? perSecond : undefined
  }

  /**
   * How long new events wait; undefined without evidence. While nothing is worked on, the age of the oldest event says
   * more than a capacity that was measured before.
   */
  get waits (): PredictedWaits | undefined {
    const flow = this.#flow
    if (flow === undefined) return undefined
    const isHeld = this.#options.capacity.estimate.evidence === 'held'
    return predictedWaits(flow, isHeld ? mapped(this.#oldestMs, (age) => age ?? 0) : NOTHING)
  }

  /**
   * Milliseconds until workers begin an event in the queue; undefined without present evidence of the capacity, such as
   * while work is paused or nobody works, and if it does not begin within a year at these rates.
   *
   * @param ageMs how long it has waited; 0 for one that comes now
   */
  startsInMs (priority: number, ageMs: number): number | undefined {
    const capacity = this.#flow?.capacity
    if (this.#last === undefined || capacity === undefined || this.provenPerSecond === undefined) return undefined
    const { reading, arrivalRateByPriority: arrivalRate } = this.#last
    const { depthByPriority, activeByPriority, oldestWaitingMsByPriority: oldestMs } = reading
    const ms = startMs(priority, ageMs, {
      waiting: depthByPriority.map((depth, index) => Math.max(0, depth - (activeByPriority[index] ?? 0))),
      oldestMs,
      arrivalRate,
      capacity
    })
    return ms <= MOST_START_MS ? ms : undefined
  }

  get state (): ControlState {
    return controlState({
      estimate: this.#options.capacity.estimate,
      flow: this.#flow,
      oldestMs: this.#oldestMs,
      shedShare: this.#loop?.share ?? 0,
      shedShares: this.#loop?.shares ?? NOTHING,
      keptShares: this.#kept
    })
  }

  /** Goes on from what others have learned, once. A reset, on whichever replica, ends the pressure. */
  #follow ({ control, redisTimeMs }: ControlReading): void {
    const resets = control[RESETS_FIELD]
    if (!this.#hasJoined) this.#join(decodeLearned(control[LEARNED_FIELD], redisTimeMs))
    else if (resets !== this.#seenResets) this.#loop = undefined
    this.#hasJoined = true
    this.#seenResets = resets
  }

  #join ({ speed, thresholds, pressure }: Learned): void {
    if (speed !== undefined) this.#options.capacity.join(speed)
    if (thresholds !== undefined) this.#adaptive.join(thresholds)
    if (pressure !== undefined) this.#loop = new ShedLoop(pressure)
  }

  /** Returns adaptive thresholds, or those of the operator while there never was evidence. */
  #adapted (reading: ControlReading, operator: Thresholds, budgetMs: number, elapsedMs: number): Thresholds {
    const { estimate } = this.#options.capacity
    const flow = this.#flow
    const depth = sum(reading.depthByPriority)
    if (flow === undefined || estimate.evidence === 'held') {
      return this.#adaptive.next(operator, undefined, elapsedMs, depth)
    }
    this.#hold(reading, flow)
    const target = {
      depth: depthWithin(budgetMs, 'normal', flow),
      inWork: sum(reading.activeByPriority),
      isMeasured: estimate.isMeasured,
      budgetMs
    }
    return this.#adaptive.next(operator, target, elapsedMs, depth)
  }

  /** Holds the waits that are predicted now, and those that were, against the age of the oldest events. */
  #hold ({ redisTimeMs }: ControlReading, flow: Flow): void {
    const late = this.#check.observe(redisTimeMs, waitMs(flow), this.#oldestMs)
    if (late.length === 0 || Math.abs(redisTimeMs - this.#toldAt) < UNDERESTIMATED_INTERVAL_MS) return
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
