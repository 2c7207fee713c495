/*
 * Turns readings of the queue into the steps of a forecast, and its predictions into acts:
 *
 *   reading ─► one step a second ─► depth ahead, breach ─► act ─► workers asked for, share of low kept out
 *                                                           └─ held against the truth that comes later
 *
 * Events that were refused because of load, or left out of a sample, count as if they had come, whatever kept them out,
 * and those that added workers have done as if they were still there.
 * The depth to come would else be that of a queue that is held below its limit, and no breach could prove a prediction
 * right.
 *
 * All replicas see the same readings and learn about the same; each decides for itself.
 */
import { smoothRate } from '../admission/rate.ts'
import type { PreShed } from '../admission/signals.ts'
import { ActLedger, type SettledAct } from './forecast/act-ledger.ts'
import { decideAct, MOST_SECONDS, type Act, type Decision } from './forecast/acts.ts'
import {
  DepthForecaster, type DepthAhead, type DepthForecasterOptions, type Foresight
} from './forecast/depth-forecaster.ts'

export const HORIZON_SECONDS = [10, 30, 60] as const
const SEASON_SECONDS = 86_400

/** It takes an autoscaler about so long to notice, and a worker to start. */
const WORKERS_IN_SECONDS = 60

/** Steps without a reading that are passed over as unknown; after more of them the clock may have been set. */
const MOST_MISSED = 60

/** A breach that comes after up to this multiple of the predicted time was still predicted. */
const LATENESS = 1.5

/** A reading of the queue as far as the forecast needs it. Counts without end serve by their differences only. */
export interface ForecastReading {
  /** Milliseconds of the clock of Redis. */
  readonly at: number
  /** In events, as all of these. */
  readonly depth: number
  readonly inWork: number
  /** Ever come to be worked on: new events and further attempts. */
  readonly arrived: number
  /** Ever left the hands of workers. */
  readonly worked: number
  readonly workers: number
  /** Ever refused because of load or left out of a sample, by all replicas: they would have come. */
  readonly refused: number
  /** Low ones ever accepted, refused because of load or left out of a sample. */
  readonly lowOffered: number
  /** Events per second that workers are sure to complete; undefined while unknown. */
  readonly capacityPerSecond: number | undefined
  /** False while work is paused or the consumer is away. */
  readonly wouldWorkersHelp: boolean
  /** The depth from which all low events are refused. */
  readonly limit: number
  /** A sample of low is kept under pressure. */
  readonly isLowSampled: boolean
}

type AnyForecaster = Pick<DepthForecaster, 'learned' | 'observe'>

export interface ForecastOptions {
  /** Seconds between two steps. */
  readonly stepSeconds: number
  /** Gets each act as it begins; while it goes on, it is the same act. */
  readonly onAct: (decision: Decision, breachSeconds: number) => void
  /** Gets each act whose truth is now known. */
  readonly onSettled: (act: SettledAct) => void
  /** Makes what predicts; by default it learns from the readings. */
  readonly createForecaster?: (options: DepthForecasterOptions, saved: unknown) => AnyForecaster
}

/** The measures that a forecast calls for. */
export interface Call {
  /** Undefined unless low events are to be refused. */
  readonly preShed: PreShed | undefined
  /** The highest share of low events to keep as a sample; 1 unless there is reason for less. */
  readonly keptLow: number
  /** Events per second that workers should be there for; 0 unless there is reason to ask for them. */
  readonly arrivalsAhead: number
}

interface Learned {
  readonly depth?: unknown
  readonly acts?: unknown
}

const NOTHING: Call = Object.freeze({ preShed: undefined, keptLow: 1, arrivalsAhead: 0 })
const UNKNOWN = { depth: undefined, arrivalsPerSecond: undefined, capacityPerSecond: undefined }

export class ForecastLoop {
  readonly ledger: ActLedger
  readonly #options: ForecastOptions
  readonly #begun: Record<Act, number> = { 'ask-for-workers': 0, 'sample-low-harder': 0, 'pre-shed-low': 0 }
  #saved: unknown
  #forecaster: AnyForecaster | undefined
  #foresight: Foresight | undefined
  #call = NOTHING
  #last: ForecastReading | undefined
  #keptOut = 0
  #lowPerSecond: number | undefined
  #askedAt = -Infinity

  /** @param saved what `learned` was; whatever part of it is broken starts afresh */
  constructor (options: ForecastOptions, saved?: unknown) {
    const { depth, acts } = (saved ?? {}) as Learned
    this.#options = options
    this.#saved = depth
    this.ledger = new ActLedger(acts)
  }

  /** Everything learned, as JSON can hold it; undefined if nothing was since the start. */
  get learned (): object | undefined {
    return this.#forecaster && { depth: this.#forecaster.learned, acts: this.ledger.learned }
  }

  /** The depth to come at each horizon; nothing while it is unknown. */
  get depths (): readonly DepthAhead[] { return this.#foresight?.depths ?? [] }

  /** The rate of arrivals that a proven forecast predicts at a horizon; undefined while none is proven. */
  arrivalsAt (horizonSeconds: number): number | undefined {
    const horizonSteps = Math.max(1, Math.round(horizonSeconds / this.#options.stepSeconds))
    const forecast = this.#foresight?.arrivals.find((each) => each.horizonSteps === horizonSteps)
    return forecast?.isTrusted === true ? forecast.value : undefined
  }

  /** Seconds until a breach that a proven forecast predicts, unless it is far. */
  get breachSeconds (): number | undefined {
    const { isTrusted = false, breachSeconds = Infinity } = this.#foresight ?? {}
    return isTrusted && breachSeconds <= MOST_SECONDS ? breachSeconds : undefined
  }

  /** Acts that began in this process, by kind. */
  get begun (): Readonly<Record<Act, number>> { return this.#begun }

  /** Takes in a reading and returns what the forecast calls for. Between two steps that stays as it is. */
  observe (reading: ForecastReading): Call {
    const last = this.#last
    const steps = last === undefined ? 0 : this.#stepOf(reading) - this.#stepOf(last)
    if (last !== undefined && steps === 0) return this.#call
    this.#last = reading
    if (last === undefined || steps < 0 || steps > MOST_MISSED) {
      // There is nothing to take the difference to, and the phase of the seasons may be another one. Nobody can tell what
      // came of the open acts, and their times may be far ahead of a clock that was set back.
      this.#saved = this.#forecaster?.learned ?? this.#saved
      this.#forecaster = undefined
      this.#askedAt = -Infinity
      this.ledger.forgetOpen()
      this.lose()
      return this.#call
    }
    this.#step(reading, last, steps)
    return this.#call
  }

  /** The queue cannot be read. */
  lose (): void {
    this.#foresight = undefined
    this.#call = NOTHING
  }

  #stepOf ({ at }: ForecastReading): number {
    return Math.floor(at / (1_000 * this.#options.stepSeconds))
  }

  #step (reading: ForecastReading, last: ForecastReading, steps: number): void {
    const { stepSeconds, createForecaster = learningForecaster } = this.#options
    const forecaster = this.#forecaster ??= createForecaster({
      stepSeconds, horizonSeconds: HORIZON_SECONDS, seasonSeconds: SEASON_SECONDS,
      firstStep: this.#stepOf(reading) - steps + 1
    }, this.#saved)
    this.#saved = undefined
    const elapsedMs = reading.at - last.at
    const perSecond = (events: number) => Math.max(0, events) * 1_000 / elapsedMs
    const keptOut = Math.max(0, reading.refused - last.refused)
    this.#keptOut += keptOut
    const depth = Math.max(0, reading.depth)
    const arrivalsPerSecond = perSecond(reading.arrived - last.arrived + keptOut)
    this.#lowPerSecond = smoothRate(this.#lowPerSecond, perSecond(reading.lowOffered - last.lowOffered), elapsedMs)
    const { workers, worked, limit } = reading
    const now = { depth, inWork: Math.max(0, reading.inWork), limit, keptOut: this.#keptOut, workers, worked }
    for (let missed = 1; missed < steps; missed++) forecaster.observe({ ...now, ...UNKNOWN })
    this.#foresight = forecaster.observe({ ...now, arrivalsPerSecond, capacityPerSecond: reading.capacityPerSecond })
    for (const act of this.ledger.observe({ at: reading.at, depth, keptOut: this.#keptOut })) {
      this.#options.onSettled(act)
    }
    this.#decide(reading, this.#foresight)
  }

  #decide (
    { at, limit, capacityPerSecond = 0, wouldWorkersHelp, isLowSampled }: ForecastReading,
    { arrivals, breachSeconds, breachTicks, isTrusted }: Foresight
  ): void {
    const isAsked = at - this.#askedAt <= 1_000 * WORKERS_IN_SECONDS
    const highest = Math.max(...arrivals.map(({ value }) => value))
    const decision = decideAct({
      isTrusted,
      breachSeconds,
      breachTicks,
      areWorkersAsked: isAsked || !wouldWorkersHelp,
      workersInSeconds: wouldWorkersHelp ? WORKERS_IN_SECONDS : Infinity,
      excessPerSecond: highest - capacityPerSecond,
      lowPerSecond: this.#lowPerSecond ?? 0,
      isLowSampled
    })
    if (decision.act !== 'none' && breachSeconds !== undefined) {
      // Workers stay asked for while a breach is ahead, whatever else is done about it.
      if (wouldWorkersHelp) this.#askedAt = at
      const dueAt = at + 1_000 * LATENESS * Math.max(breachSeconds, this.#options.stepSeconds)
      if (this.ledger.record({ act: decision.act, at, dueAt, limit, keptOut: this.#keptOut })) {
        this.#begun[decision.act]++
        this.#options.onAct(decision, breachSeconds)
      }
    }
    this.#call = {
      preShed: decision.act === 'pre-shed-low'
        ? { share: decision.share, retryAfterMs: 1_000 * (breachSeconds ?? 0) }
        : undefined,
      keptLow: decision.act === 'sample-low-harder' ? 1 - decision.share : 1,
      arrivalsAhead: at - this.#askedAt <= 1_000 * WORKERS_IN_SECONDS ? highest : 0
    }
  }
}

function learningForecaster (options: DepthForecasterOptions, saved: unknown): DepthForecaster {
  return new DepthForecaster(options, saved)
}
