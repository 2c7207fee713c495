/*
 * A linear autoregression, learned online by recursive least squares with forgetting, one for each horizon: it
 * predicts the value at its horizon directly, because errors of a one-step model add up over sixty steps.
 *
 * The inputs are the last value and averages of it over several spans, as differences, so that they do not explain
 * the same thing twice; and the change that the seasons say is ahead. All weights 0 is persistence. A pair whose
 * error is larger than usual counts less, in proportion: the weights then fit the median, and a burst teaches little
 * about the next hour.
 *
 * The usual recursion, for the inverse of the correlations, loses its symmetry and explodes when a gap of zeros feeds
 * it nothing. So the sums of products are kept instead, and solved for the weights: the same least squares, at about
 * the same cost.
 */
import type { Candidate, Series } from '../candidate.ts'
import { restored, zeros } from '../saved-state.ts'
import { longSeason, Season, shortSeason } from '../season.ts'
import { SeasonalLevel } from './seasonal-level.ts'

/** Spans of the averages in steps, shortest first. */
const SPANS = [4, 20, 100, 500]
const INPUTS = SPANS.length + 3
const TRIANGLE = INPUTS * (INPUTS + 1) / 2

/** A model remembers as many steps as this times its horizon: forecasts that overlap are hardly more than one. */
const MEMORY_HORIZONS = 200

/**
 * The evidence for persistence that is there from the start, relative to the square of the usual error: a ridge whose
 * weights are 0 to within 1 / sqrt(3) before anything was seen. It counts once for each step of the horizon, since
 * forecasts that overlap repeat the same evidence.
 */
const PRIOR = 3

/** Keeps the weights solvable while there is no error. */
const LEAST_PRIOR = 1

interface Weights {
  readonly weights: number[]
  /** Products of inputs, summed with fading memory: the lower triangle, row by row. */
  readonly information: number[]
  /** Products of each input and the change that followed. */
  readonly target: number[]
  usualError: number
}

interface Model {
  readonly horizon: number
  readonly learned: Weights
  /** Inputs of the last steps, the base at the end, in a ring. */
  readonly pending: Float64Array
}

export class Autoregression implements Candidate {
  readonly learned: { value: number, averages: number[], steps: number, models: Weights[], short: object, long: object }
  readonly #own: { value: number, averages: number[], steps: number, models: Weights[] }
  readonly #models: readonly Model[]
  readonly #short: SeasonalLevel
  readonly #long: Season
  readonly #inputs = new Float64Array(INPUTS)
  #step = 0

  constructor (series: Series, saved?: unknown) {
    const { horizons } = series
    const { short, long, ...own } = (saved ?? {}) as { short?: unknown, long?: unknown }
    this.#short = new SeasonalLevel(shortSeason(series), short)
    this.#long = new Season(longSeason(series), long)
    this.#own = restored(own, { value: 0, averages: SPANS.map(() => 0), steps: 0, models: horizons.map(freshWeights) })
    this.learned = { ...this.#own, short: this.#short.learned, long: this.#long.learned }
    this.#models = horizons.map((horizon, index) => ({
      horizon, learned: this.#own.models[index] as Weights, pending: new Float64Array(horizon * (INPUTS + 1))
    }))
  }

  observe (value: number): void {
    for (const model of this.#models) if (this.#step >= model.horizon) this.#learn(model, value)
    const { averages } = this.#own
    this.learned.steps = ++this.#own.steps
    for (let index = 0; index < SPANS.length; index++) {
      const weight = Math.max(1 / (SPANS[index] as number), 1 / this.#own.steps)
      averages[index] = (averages[index] as number) + weight * (value - (averages[index] as number))
    }
    this.learned.value = this.#own.value = value
    this.#short.observe(value)
    this.#long.observe(value)
    for (const { horizon, pending } of this.#models) {
      this.#fill(horizon)
      const at = this.#step % horizon * (INPUTS + 1)
      pending.set(this.#inputs, at)
      pending[at + INPUTS] = value
    }
    this.#step++
  }

  forecast (steps: number): number {
    const model = this.#models.find(({ horizon }) => horizon === steps)
    if (model === undefined) return this.#own.value
    this.#fill(steps)
    let sum = this.#own.value
    const { weights } = model.learned
    for (let index = 0; index < INPUTS; index++) sum += (this.#inputs[index] as number) * (weights[index] as number)
    return sum
  }

  #fill (horizon: number): void {
    const inputs = this.#inputs
    const { averages } = this.#own
    inputs[0] = 1
    let left = this.#own.value
    for (let index = 0; index < SPANS.length; index++) {
      const right = averages[index] as number
      inputs[index + 1] = left - right
      left = right
    }
    inputs[INPUTS - 2] = this.#short.forecast(horizon) - this.#own.value
    inputs[INPUTS - 1] = this.#long.ahead(horizon) - this.#long.ahead(0)
  }

  /** Takes in that the inputs of one horizon ago led to this value, and solves for the weights. */
  #learn ({ horizon, learned, pending }: Model, value: number): void {
    const { weights, information, target } = learned
    const at = this.#step % horizon * (INPUTS + 1)
    const change = value - (pending[at + INPUTS] as number)
    let error = change
    for (let row = 0; row < INPUTS; row++) error -= (weights[row] as number) * (pending[at + row] as number)
    const size = Math.abs(error)
    const trust = size > learned.usualError ? learned.usualError / size : 1
    learned.usualError += 0.01 * (Math.min(size, 5 * (learned.usualError || size)) - learned.usualError)
    const keep = 1 - 1 / (MEMORY_HORIZONS * horizon)
    for (let row = 0, cell = 0; row < INPUTS; row++) {
      const input = trust * (pending[at + row] as number)
      target[row] = keep * (target[row] as number) + input * change
      for (let column = 0; column <= row; column++, cell++) {
        information[cell] = keep * (information[cell] as number) + input * (pending[at + column] as number)
      }
    }
    solve(information, target, weights, LEAST_PRIOR + PRIOR * horizon * learned.usualError ** 2)
    // Saved sums need not be sums of products; then there is no solution.
    if (weights.some(Number.isNaN)) Object.assign(learned, freshWeights())
  }
}

const factor = new Float64Array(TRIANGLE)

/**
 * Solves (information + prior) x weights = target by Cholesky's factors; the prior keeps it solvable whatever the
 * inputs were.
 */
function solve (
  information: readonly number[], target: readonly number[], weights: number[], prior: number
): void {
  for (let row = 0, start = 0; row < INPUTS; start += ++row) {
    for (let column = 0, other = 0; column <= row; other += ++column) {
      let sum = (information[start + column] as number) + (row === column ? prior : 0)
      for (let index = 0; index < column; index++) {
        sum -= (factor[start + index] as number) * (factor[other + index] as number)
      }
      factor[start + column] = row === column ? Math.sqrt(sum) : sum / (factor[other + column] as number)
    }
  }
  for (let row = 0, start = 0; row < INPUTS; start += ++row) {
    let sum = target[row] as number
    for (let index = 0; index < row; index++) sum -= (factor[start + index] as number) * (weights[index] as number)
    weights[row] = sum / (factor[start + row] as number)
  }
  for (let row = INPUTS - 1; row >= 0; row--) {
    let sum = weights[row] as number
    for (let index = row + 1; index < INPUTS; index++) {
      sum -= (factor[index * (index + 1) / 2 + row] as number) * (weights[index] as number)
    }
    weights[row] = sum / (factor[row * (row + 3) / 2] as number)
  }
}

function freshWeights (): Weights {
  return { weights: zeros(INPUTS), information: zeros(TRIANGLE), target: zeros(INPUTS), usualError: 0 }
}
