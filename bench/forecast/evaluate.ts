import { Band, type Range } from '../../services/control/forecast/band.ts'
import { CANDIDATES } from '../../services/control/forecast/candidates.ts'
import type { Issued } from '../../services/control/forecast/contest.ts'
import { Forecaster, ISSUED_NAMES, type Watch } from '../../services/control/forecast/forecaster.ts'

export interface Row {
  readonly name: string
  /** Mean distance from the truth, in events a step. */
  readonly mae: number
  /** Mean pinball loss of the median and both ends of a 90 % band. */
  readonly pinball: number
  /** MAE over that of persistence, and over that of the best single candidate in hindsight. */
  readonly toPersistence: number
  readonly toBest: number
}

export interface HorizonResult {
  readonly horizonSteps: number
  readonly steps: number
  /** Share of truths within the band. */
  readonly coverage: number
  /** Share of steps at which the skill was enough to act. */
  readonly trusted: number
  readonly rows: readonly Row[]
}

/** The judgement at each horizon, and the time of a step of all candidates and horizons. */
export interface Evaluation {
  readonly horizons: readonly HorizonResult[]
  readonly nanosPerStep: number
}

interface Options {
  readonly horizons: readonly number[]
  readonly seasonSteps: number
  /** The part of the series that counts, as shares of it. */
  readonly from: number
  readonly to: number
}

class Tally {
  readonly #bands: readonly Band[]
  readonly distance = ISSUED_NAMES.map(() => 0)
  readonly pinball = ISSUED_NAMES.map(() => 0)
  steps = 0
  inside = 0
  trusted = 0

  constructor (horizonSteps: number) {
    this.#bands = ISSUED_NAMES.map(() => new Band(horizonSteps))
  }

  /** Judges forecasts and the band of the one that counted; `counts` is whether this step does. */
  due (value: number, issued: Issued, range: Range | undefined, counts: boolean): void {
    if (counts) this.steps++
    if (counts && range !== undefined && value >= range.low && value <= range.high) this.inside++
    for (const [index, band] of this.#bands.entries()) {
      const forecast = issued[index] as number
      const { low, high } = band.observe(value) ?? { low: forecast, high: forecast }
      if (!counts) continue
      this.distance[index] = (this.distance[index] as number) + Math.abs(value - forecast)
      const loss = pinball(value, low, 0.05) + pinball(value, forecast, 0.5) + pinball(value, high, 0.95)
      this.pinball[index] = (this.pinball[index] as number) + loss / 3
    }
  }

  issued (issued: Issued): void {
    for (const [index, band] of this.#bands.entries()) band.around(issued[index] as number)
  }
}

/** Follows the series from its start and judges the part of it that counts. */
export function evaluate (values: Float64Array, { horizons, seasonSteps, from, to }: Options): Evaluation {
  const first = Math.floor(values.length * from)
  const last = Math.floor(values.length * to)
  const tallies = new Map(horizons.map((steps) => [steps, new Tally(steps)]))
  const forecaster = new Forecaster({ horizons, seasonSteps, firstStep: 0 })
  let step = 0
  const watch: Watch = {
    due: (steps, value, issued, range) => tallies.get(steps)?.due(value, issued, range, step >= first),
    issued: (steps, issued) => tallies.get(steps)?.issued(issued)
  }
  for (; step < last; step++) {
    forecaster.observe(values[step] as number, watch)
    if (step < first) continue
    for (const { horizonSteps, isTrusted } of forecaster.forecasts) {
      if (isTrusted) (tallies.get(horizonSteps) as Tally).trusted++
    }
  }
  return {
    horizons: horizons.map((horizonSteps) => resultOf(horizonSteps, tallies.get(horizonSteps) as Tally)),
    nanosPerStep: nanosPerStep(values.subarray(0, last), { horizons, seasonSteps })
  }
}

function resultOf (horizonSteps: number, tally: Tally): HorizonResult {
  const { steps, inside, trusted, distance } = tally
  const best = Math.min(...distance.slice(0, Object.keys(CANDIDATES).length))
  return {
    horizonSteps,
    steps,
    coverage: inside / steps,
    trusted: trusted / steps,
    rows: ISSUED_NAMES.map((name, index) => ({
      name,
      mae: (distance[index] as number) / steps,
      pinball: (tally.pinball[index] as number) / steps,
      toPersistence: (distance[index] as number) / (distance[0] as number),
      toBest: (distance[index] as number) / best
    }))
  }
}

function pinball (value: number, forecast: number, share: number): number {
  return value >= forecast ? share * (value - forecast) : (1 - share) * (forecast - value)
}

/** The time of a step, over the last of the series, without what only this judgement needs. */
function nanosPerStep (values: Float64Array, series: Pick<Options, 'horizons' | 'seasonSteps'>): number {
  const forecaster = new Forecaster({ ...series, firstStep: 0 })
  const timed = values.subarray(-100_000)
  for (const value of timed.subarray(0, 20_000)) forecaster.observe(value)
  const startedAt = performance.now()
  for (const value of timed) forecaster.observe(value)
  return (performance.now() - startedAt) * 1e6 / timed.length
}
