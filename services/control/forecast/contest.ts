/*
 * The bake-off at one horizon. Each step scores the forecasts that were made one horizon ago and makes new ones:
 *
 *   forecasts of h steps ago ─► loss of each ─► mixture: soft weights by the last losses
 *                                     └───────► blend of all and the mixture: sharp weights by last and lasting losses
 *
 * The loss is the pinball loss of the median, half the distance. A hard choice of the lowest loss swings between
 * forecasts that are about as good, and pays for each swing; sharp weights choose as clearly where the difference is
 * clear. The last losses follow a change of the series, the lasting ones remember who is good at what is rare.
 *
 * The blend counts as far as it has been proven against persistence, by enough forecasts that do not overlap, and less
 * while persistence beats it clearly: a series without structure then costs next to nothing, and one that changes its
 * ways costs little.
 *
 * Work and memory of a step are bounded by the number of candidates; the ring holds one row for each step of the
 * horizon.
 */
import { Evidence } from './evidence.ts'
import { restored, zeros } from './saved-state.ts'

/** Means of losses remember this many steps, or this many horizons if that is more. */
interface Memory {
  readonly steps: number
  readonly horizons: number
}

const MIXTURE: Memory = { steps: 150, horizons: 5 }
const LAST: Memory = { steps: 300, horizons: 5 }
const LASTING: Memory = { steps: 3_000, horizons: 50 }
const SETBACK: Memory = { steps: 60, horizons: 1 }

/** A loss that is higher than the lowest by one part in so many divides the weight by e. */
const MIXTURE_SHARPNESS = 15
const BLEND_SHARPNESS = 25

/** From this on the blend counts in full, and not at all from there on. */
interface Bounds {
  readonly full: number
  readonly none: number
}

/** Gains over persistence in standard errors, by the last blocks of one horizon. */
const PROVEN: Bounds = { full: 1.5, none: -0.5 }
const PROOF_BLOCKS = 1_000

/** Gains over persistence in the last steps, 1 - loss / loss. */
const SET_BACK: Bounds = { full: -0.05, none: -0.2 }

/** Steps that are scored before anything but persistence counts. */
const LEAST_SCORED = 60

/** Index of persistence, the measure of all. */
const PERSISTENCE = 0

/** Forecasts of one step: the candidates in their order, the mixture, the blend, and the one that counts. */
export type Issued = Float64Array

export class Contest {
  readonly learned: {
    readonly mixture: number[]
    readonly last: number[]
    readonly lasting: number[]
    /** Losses of persistence and the blend. */
    readonly setback: number[]
    scored: number
    readonly evidence: object
  }
  readonly #horizon: number
  readonly #candidates: number
  readonly #pending: readonly Issued[]
  /** Places of persistence and the blend in a row. */
  readonly #rivals: readonly number[]
  readonly #evidence: Evidence
  #step = 0

  /** @param candidates their number */
  constructor (horizon: number, candidates: number, saved?: unknown) {
    this.#horizon = horizon
    this.#candidates = candidates
    this.#rivals = [PERSISTENCE, candidates + 1]
    this.#pending = Array.from({ length: horizon }, () => new Float64Array(candidates + 3))
    const { evidence, ...own } = (saved ?? {}) as { evidence?: unknown }
    this.#evidence = new Evidence(horizon, PROOF_BLOCKS, evidence)
    this.learned = Object.assign(restored(own, {
      mixture: zeros(candidates),
      last: zeros(candidates + 1),
      lasting: zeros(candidates + 1),
      setback: zeros(2),
      scored: 0
    }), { evidence: this.#evidence.learned })
  }

  /** Index of the forecast that counts most, in a row of issued ones. */
  get leader (): number {
    const { last, lasting } = this.learned
    if (this.#proof < 0.5) return PERSISTENCE
    const scale = lowestOf(last) / lowestOf(lasting)
    let leader = PERSISTENCE
    let least = Infinity
    for (let index = 0; index < last.length; index++) {
      const loss = (last[index] as number) + scale * (lasting[index] as number)
      if (loss < least) [leader, least] = [index, loss]
    }
    return leader
  }

  /** Scores the forecasts that were made for this step and returns them; undefined without any, and without a value. */
  score (value: number | undefined): Issued | undefined {
    if (this.#step < this.#horizon || value === undefined) return undefined
    const due = this.#pending[this.#step % this.#horizon] as Issued
    const { learned } = this
    learned.scored++
    this.#follow(learned.mixture, MIXTURE, due, value)
    this.#follow(learned.last, LAST, due, value)
    this.#follow(learned.lasting, LASTING, due, value)
    const lossOf = (place: number) => Math.abs(value - (due[place] as number))
    this.#evidence.observe(lossOf(PERSISTENCE) - lossOf(this.#candidates + 1))
    this.#follow(learned.setback, SETBACK, due, value, this.#rivals)
    return due
  }

  /** Takes the forecasts of the candidates from this step and returns them with those that are made of them. */
  issue (forecasts: Float64Array): Issued {
    const { mixture, last, lasting } = this.learned
    const row = this.#pending[this.#step++ % this.#horizon] as Issued
    const count = this.#candidates
    row.set(forecasts)
    row[count] = weighted(row, mixture, mixture, MIXTURE_SHARPNESS / 2)
    row[count + 1] = weighted(row, last, lasting, BLEND_SHARPNESS)
    const share = this.#proof
    row[count + 2] = share * (row[count + 1] as number) + (1 - share) * (row[PERSISTENCE] as number)
    return row
  }

  /** The share of the blend that counts, 0 to 1. */
  get #proof (): number {
    const { scored, setback } = this.learned
    if (scored < LEAST_SCORED) return 0
    const [persistence = 0, blend = 0] = setback
    // Without any loss of persistence there is nothing to gain.
    if (persistence <= 0) return 0
    return Math.min(
      shareWithin(PROVEN, this.#evidence.standardErrors), shareWithin(SET_BACK, 1 - blend / persistence)
    )
  }

  /** The weight of a new loss; the first ones are averaged. */
  #weightIn ({ steps, horizons }: Memory): number {
    return Math.max(1 / Math.max(steps, horizons * this.#horizon), 1 / this.learned.scored)
  }

  /**
   * Takes in the losses of the forecasts at these places of the row, which are the first ones unless others are
   * named.
   */
  #follow (means: number[], memory: Memory, due: Issued, value: number, places?: readonly number[]): void {
    const weight = this.#weightIn(memory)
    for (let index = 0; index < means.length; index++) {
      const loss = Math.abs(value - (due[places?.[index] ?? index] as number)) / 2
      means[index] = (means[index] as number) + weight * (loss - (means[index] as number))
    }
  }
}

function shareWithin ({ full, none }: Bounds, gain: number): number {
  return Math.max(0, Math.min(1, (gain - none) / (full - none)))
}

function lowestOf (losses: readonly number[]): number {
  let lowest = Infinity
  for (const loss of losses) lowest = Math.min(lowest, loss)
  return lowest
}

/**
 * Returns the mean of forecasts, with weights that fall exponentially with two losses of each, relative to the lowest
 * of all.
 */
function weighted (
  forecasts: Float64Array, one: readonly number[], other: readonly number[], sharpness: number
): number {
  const lowestOne = lowestOf(one)
  const lowestOther = lowestOf(other)
  if (lowestOne <= 0 || lowestOther <= 0) return forecasts[Math.max(PERSISTENCE, one.indexOf(lowestOne))] as number
  let sum = 0
  let total = 0
  for (let index = 0; index < one.length; index++) {
    const excess = (one[index] as number) / lowestOne + (other[index] as number) / lowestOther - 2
    // Not the best by either loss may all be far from both; a weight of 0 for each would leave nothing to divide by.
    const weight = Math.exp(-sharpness * excess) + Number.MIN_VALUE
    sum += weight * (forecasts[index] as number)
    total += weight
  }
  return sum / total
}
