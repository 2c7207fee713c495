/*
 * Forecasts the depth of a queue and the breach of its limit:
 *
 *   arrivals ─► forecaster ─┐
 *   capacity ───────────────┴─► depth at each horizon, breach ─► band and skill by the depth that came
 *
 * Skill is that of the depth, since acts are for the depth: persistence says that it stays as it is. Events that were
 * kept out count as if they had come, and events that added workers have done as if they were still there. A forecast
 * would otherwise look wrong whenever what it predicts is prevented.
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
  readonly workers: number
  /** Events that ever left the hands of workers. */
  readonly worked: number
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

/** A prediction in flight, with the circumstances that it was made in. */
interface Pending {
  readonly predicted: number
  readonly depth: number
  readonly keptOut: number
  readonly worked: number
  readonly capacityPerSecond: number
  readonly workers: number
  readonly workerSteps: number
}

interface Horizon {
  readonly steps: number
  readonly band: Band
  readonly skill: Skill
  /** Predictions in flight, in a ring. */
  readonly pending: (Pending | undefined)[]
}

type Saved = Record<string, { band?: unknown, skill?: unknown }> | undefined

export class DepthForecaster {
  readonly #stepSeconds: number
  readonly #arrivals: Forecaster
  readonly #horizons: readonly Horizon[]
  #step = 0
  /** Workers, summed over all steps. */
  #workerSteps = 0
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
    const depths = this.#horizons.flatMap((horizon, index) => (
      this.#next(horizon, predicted?.depths[index], reading) ?? []
    ))
    this.#step++
    this.#workerSteps += reading.workers
    const breachSeconds = predicted?.breachSeconds
    this.#breachTicks = breachSeconds === undefined ? 0 : this.#breachTicks + 1
    const at = depths.find(({ horizonSeconds }) => horizonSeconds >= (breachSeconds ?? Infinity)) ?? depths.at(-1)
    return { arrivals, depths, breachSeconds, breachTicks: this.#breachTicks, isTrusted: at?.isTrusted ?? false }
  }

  #next (horizon: Horizon, predicted: number | undefined, reading: DepthReading): DepthAhead | undefined {
    const { depth, keptOut, capacityPerSecond = 0, workers, worked } = reading
    const { steps, band, skill, pending } = horizon
    const slot = this.#step % steps
    const due = pending[slot]
    const truth = depth === undefined || due === undefined
      ? undefined
      : depth + keptOut - due.keptOut + this.#doneByAdded(due, worked, steps)
    band.observe(truth)
    if (truth !== undefined && due !== undefined) {
      skill.observe(Math.abs(truth - due.predicted), Math.abs(truth - due.depth))
    }
    pending[slot] = predicted === undefined || depth === undefined
      ? undefined
      : { predicted, depth, keptOut, worked, capacityPerSecond, workers, workerSteps: this.#workerSteps }
    const range = band.around(predicted ?? 0)
    if (predicted === undefined) return undefined
    const horizonSeconds = steps * this.#stepSeconds
    return { horizonSeconds, depth: predicted, ...range, skill: skill.value, isTrusted: skill.isEnough }
  }

  /**
   * Returns the events that were done since a prediction only because workers were added: the share of the added ones,
   * as far as it exceeds what the workers of then could do.
   */
  #doneByAdded (due: Pending, worked: number, steps: number): number {
    const done = worked - due.worked
    const workerSteps = this.#workerSteps - due.workerSteps
    if (workerSteps <= due.workers * steps) return 0
    const byAdded = done * (1 - due.workers * steps / workerSteps)
    return Math.max(0, Math.min(byAdded, done - due.capacityPerSecond * steps * this.#stepSeconds))
  }
}
