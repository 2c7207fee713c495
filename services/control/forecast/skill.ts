/*
 * Whether a forecast has earned trust: skill = 1 - MAE / MAE of persistence, over the last steps. Forecasts that overlap
 * go wrong together, and now and then a random walk looks predictable for a while. So the gain also has to exceed
 * chance: its means over blocks of one horizon vary as much as chance makes it vary, however the steps within a block
 * depend on each other.
 */
import { restored } from './saved-state.ts'

/** The skill covers so many steps, or horizons if they are longer. */
const LEAST_STEPS = 200
const LEAST_HORIZONS = 40

/** A forecast may act from this skill on. */
const ENOUGH = 0.1

/** Standard errors by which the gain has to exceed zero. */
const BEYOND_CHANCE = 3

export class Skill {
  readonly learned: {
    error: number
    persistence: number
    steps: number
    block: number
    gain: number
    gainSquare: number
    blocks: number
  }
  readonly #horizon: number
  readonly #window: number

  constructor (horizon: number, saved?: unknown) {
    this.#horizon = horizon
    this.#window = Math.max(LEAST_STEPS, LEAST_HORIZONS * horizon)
    this.learned = restored(saved, { error: 0, persistence: 0, steps: 0, block: 0, gain: 0, gainSquare: 0, blocks: 0 })
  }

  /** Takes in how far the forecast and persistence were off, at the same step. */
  observe (error: number, persistence: number): void {
    const { learned } = this
    const weight = Math.max(1 / this.#window, 1 / ++learned.steps)
    learned.error += weight * (error - learned.error)
    learned.persistence += weight * (persistence - learned.persistence)
    learned.block += (persistence - error) / this.#horizon
    if (learned.steps % this.#horizon !== 0) return
    const blockWeight = Math.max(this.#horizon / this.#window, 1 / ++learned.blocks)
    learned.gain += blockWeight * (learned.block - learned.gain)
    learned.gainSquare += blockWeight * (learned.block ** 2 - learned.gainSquare)
    learned.block = 0
  }

  /** Returns 1 for a perfect forecast, 0 for one as good as persistence; undefined before the window is full. */
  get value (): number | undefined {
    const { error, persistence, steps } = this.learned
    if (steps < this.#window) return undefined
    return persistence > 0 ? 1 - error / persistence : 0
  }

  /** Whether the forecast may act. */
  get isEnough (): boolean {
    const { gain, gainSquare } = this.learned
    const deviation = Math.sqrt(Math.max(0, gainSquare - gain ** 2))
    return (this.value ?? 0) > ENOUGH && gain > BEYOND_CHANCE * deviation * Math.sqrt(this.#horizon / this.#window)
  }
}
