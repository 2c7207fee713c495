/*
 * Forecasts the depth of a queue and the breach of its limit:
 *
 *   arrivals ─► forecaster ─┐
 *   capacity ───────────────┴─► depth at each horizon, breach ─► band and skill by the depth that came
 *
 * Skill is that of the depth, since acts are for the depth: persistence says that it stays as it is. Events that were
 * kept out count as if they had come, or a forecast would look wrong whenever what it predicts is prevented.
 */
import { Band, type Range } from './band.ts'
import { Forecaster, type Forecast } from './forecaster.ts'
import { predictDepth } from './predict-depth.ts'
import { Skill } from './skill.ts'

/** One reading of the queue. Undefined is unknown, which is not 0. */
export interface DepthReading {
  readonly depth: number | undefined
  readonly arrivalsPerSecond: number | undefined
  /** Events per second that workers are sure to complete. */
  readonly capacityPerSecond: number | undefined
  /** Events that workers have in hand. */
  readonly inWork: number
  readonly limit: number
  /** Events that were kept out so far, ever. */
  readonly keptOut: number
}

export interface DepthAhead extends Partial<Range> {
  readonly horizonSeconds: number
  readonly depth: number
  readonly skill: number | undefined
  readonly isTrusted: boolean
}

export interface DepthForecasterOptions {
  readonly stepSeconds: number
  readonly horizonSeconds: readonly number[]
  readonly seasonSeconds: number
  /** Number of the first step on a clock that a restart does not reset. */
  readonly firstStep: number
}

export interface Foresight {
  readonly arrivals: readonly Forecast[]
  /** Empty while depth or capacity are unknown. */
  readonly depths: readonly DepthAhead[]
  readonly breachSeconds: number | undefined
  /** For so many readings in a row a breach has been predicted. */
  readonly breachTicks: number
  /** The skill at the horizon of the breach has been proven. */
  readonly isTrusted: boolean
}

interface Horizon {
  readonly steps: number
  readonly band: Band
  readonly skill: Skill
  /** Predictions in flight, in a ring. */
  readonly pending: ({ readonly predicted: number, readonly depth: number, readonly keptOut: number } | undefined)[]
}

type Saved = Record<string, { band?: unknown, skill?: unknown }> | undefined

export class DepthForecaster {
  readonly #stepSeconds: number
  readonly #arrivals: Forecaster
  readonly #horizons: readonly Horizon[]
  #step = 0
  #breachTicks = 0

  /** @param saved what `learned` was; whatever part of it is broken starts afresh */
  constructor (
    { stepSeconds, horizonSeconds, seasonSeconds, firstStep }: DepthForecasterOptions, saved?: unknown
  ) {
    const { arrivals, depths } = (saved ?? {}) as { arrivals?: unknown, depths?: Saved }
    const horizons = horizonSeconds.map((seconds) => Math.max(1, Math.round(seconds / stepSeconds)))
    this.#stepSeconds = stepSeconds
    const seasonSteps = Math.round(seasonSeconds / stepSeconds)
    this.#arrivals = new Forecaster({ horizons, seasonSteps, firstStep }, arrivals)
    this.#horizons = horizons.map((steps) => ({
      steps, band: new Band(steps, depths?.[steps]?.band), skill: new Skill(steps, depths?.[steps]?.skill), pending: []
    }))
  }

  /** Everything learned, as JSON can hold it. It is live: write it down at once. */
  get learned (): object {
    return {
      arrivals: this.#arrivals.learned,
      depths: Object.fromEntries(this.#horizons.map(({ steps, band, skill }) => (
        [steps, { band: band.learned, skill: skill.learned }]
      )))
    }
  }

  observe (reading: DepthReading): Foresight {
    const { depth, arrivalsPerSecond, capacityPerSecond, inWork, limit } = reading
    this.#arrivals.observe(arrivalsPerSecond)
    const arrivals = this.#arrivals.forecasts
    const isKnown = depth !== undefined && arrivalsPerSecond !== undefined && capacityPerSecond !== undefined
    const predicted = isKnown
      ? predictDepth({
          depth,
          arrivalsPerSecond,
          ahead: arrivals.map(({ horizonSteps, value }) => (
            { seconds: horizonSteps * this.#stepSeconds, arrivalsPerSecond: value }
          )),
          capacityPerSecond,
          inWork,
          limit
        })
      : undefined
    const depths = this.#horizons.flatMap((horizon, index) => this.#next(horizon, predicted?.depths[index], reading) ?? [])
    this.#step++
    const breachSeconds = predicted?.breachSeconds
    this.#breachTicks = breachSeconds === undefined ? 0 : this.#breachTicks + 1
    const at = depths.find(({ horizonSeconds }) => horizonSeconds >= (breachSeconds ?? Infinity)) ?? depths.at(-1)
    return { arrivals, depths, breachSeconds, breachTicks: this.#breachTicks, isTrusted: at?.isTrusted ?? false }
  }

  #next (horizon: Horizon, predicted: number | undefined, { depth, keptOut }: DepthReading): DepthAhead | undefined {
    const { steps, band, skill, pending } = horizon
    const slot = this.#step % steps
    const due = pending[slot]
    const truth = depth === undefined || due === undefined ? undefined : depth + keptOut - due.keptOut
    band.observe(truth)
    if (truth !== undefined && due !== undefined) {
      skill.observe(Math.abs(truth - due.predicted), Math.abs(truth - due.depth))
    }
    pending[slot] = predicted === undefined || depth === undefined ? undefined : { predicted, depth, keptOut }
    const range = band.around(predicted ?? 0)
    if (predicted === undefined) return undefined
    const horizonSeconds = steps * this.#stepSeconds
    return { horizonSeconds, depth: predicted, ...range, skill: skill.value, isTrusted: skill.isEnough }
  }
}
