import type { Thresholds } from '../services/admission/thresholds.ts'
import type { Capacity } from '../services/control/capacity.ts'
import type { DepthReading, Foresight } from '../services/control/forecast/depth-forecaster.ts'
import { predictDepth } from '../services/control/forecast/predict-depth.ts'
import { ForecastLoop, HORIZON_SECONDS, type Call } from '../services/control/forecast-loop.ts'
import { forecastReadingOf } from '../services/control/forecast-reading.ts'
import type { Forecaster } from '../services/control/in-force.ts'
import { HORIZON_MS } from '../services/scaling/surge.ts'
import { NOTHING_AHEAD, type ArrivalsAhead } from '../services/scaling/scaling-state.ts'
import type { Arrivals } from './arrivals/arrivals.ts'
import type { Reading } from './subject.ts'
import { workOf } from './work-of.ts'

const STEP_SECONDS = 1

/** The forecast of production with `FORECAST=act`, which starts without anything learned. */
export class ActingForecast implements Forecaster<Reading> {
  readonly #capacity: Capacity
  readonly #loop: ForecastLoop
  #ahead = NOTHING_AHEAD

  /** @param known the arrivals, for a forecast that knows them and needs no proof */
  constructor (capacity: Capacity, known?: Arrivals) {
    this.#capacity = capacity
    this.#loop = new ForecastLoop({
      stepSeconds: STEP_SECONDS,
      onAct: () => {},
      onSettled: () => {},
      ...(known && { createForecaster: ({ firstStep }) => new KnownArrivals(known, firstStep) })
    })
  }

  get arrivalsAhead (): ArrivalsAhead { return this.#ahead }

  observe (reading: Reading, thresholds: Thresholds, isLowSampled: boolean): Call {
    const call = this.#loop.observe(forecastReadingOf(reading, {
      work: workOf(reading), capacity: this.#capacity.estimate, thresholds, isLowSampled
    }))
    const atHorizon = this.#loop.arrivalsAt(HORIZON_MS / 1_000)
    this.#ahead = { breach: call.arrivalsAhead, atHorizon, acts: true }
    return call
  }
}

/** Predicts the depth from the arrivals that will come; their means, without what chance and retries add. */
class KnownArrivals {
  readonly learned = {}
  readonly #arrivals: Arrivals
  #step: number
  #breachTicks = 0

  constructor (arrivals: Arrivals, firstStep: number) {
    this.#arrivals = arrivals
    this.#step = firstStep
  }

  observe ({ depth, capacityPerSecond, inWork, limit }: DepthReading): Foresight {
    const atSeconds = this.#step++ * STEP_SECONDS
    const ahead = HORIZON_SECONDS.map((seconds) => ({ seconds, arrivalsPerSecond: this.#rateAt(atSeconds + seconds) }))
    const isKnown = depth !== undefined && capacityPerSecond !== undefined
    const arrivalsPerSecond = this.#rateAt(atSeconds)
    const breachSeconds = isKnown
      ? predictDepth({ depth, arrivalsPerSecond, ahead, capacityPerSecond, inWork, limit }).breachSeconds
      : undefined
    this.#breachTicks = breachSeconds === undefined ? 0 : this.#breachTicks + 1
    return {
      arrivals: ahead.map(({ seconds, arrivalsPerSecond: value }) => (
        { horizonSteps: seconds, value, by: 'known', skill: 1, isTrusted: true }
      )),
      depths: [],
      breachSeconds,
      breachTicks: this.#breachTicks,
      isTrusted: true
    }
  }

  #rateAt (seconds: number): number {
    const { binMs, counts } = this.#arrivals
    const bin = Math.floor(seconds * 1_000 / binMs)
    return (counts[Math.min(bin, counts.length - 1)] as number) * 1_000 / binMs
  }
}
