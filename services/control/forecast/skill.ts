/*
 * Whether a forecast has earned trust: skill = 1 - MAE / MAE of persistence, over the last steps. Now and then a random
 * walk looks predictable for a while, so the gain also has to exceed chance.
 */
import { Evidence } from './evidence.ts'
import { restored } from './saved-state.ts'

/** The skill covers so many steps, or horizons if they are longer. */
const LEAST_STEPS = 200
const LEAST_HORIZONS = 40

/** A forecast may act from this skill on. */
const ENOUGH = 0.1

/** Standard errors by which the gain has to exceed zero. */
const BEYOND_CHANCE = 2.7

export class Skill {
  readonly learned: { error: number, persistence: number, steps: number, evidence: object }
  readonly #window: number
  readonly #evidence: Evidence

  constructor (horizon: number, saved?: unknown) {
    const { evidence, ...means } = (saved ?? {}) as { evidence?: unknown }
    this.#window = Math.max(LEAST_STEPS, LEAST_HORIZONS * horizon)
    this.#evidence = new Evidence(horizon, Math.ceil(this.#window / horizon), evidence)
    this.learned = { ...restored(means, { error: 0, persistence: 0, steps: 0 }), evidence: this.#evidence.learned }
  }

  /** Takes in how far the forecast and persistence were off, at the same step. */
  observe (error: number, persistence: number): void {
    const { learned } = this
    const weight = Math.max(1 / this.#window, 1 / ++learned.steps)
    learned.error += weight * (error - learned.error)
    learned.persistence += weight * (persistence - learned.persistence)
    this.#evidence.observe(persistence - error)
  }

  /** Returns 1 for a perfect forecast, 0 for one as good as persistence; undefined before the window is full. */
  get value (): number | undefined {
    const { error, persistence, steps } = this.learned
    if (steps < this.#window) return undefined
    return persistence > 0 ? 1 - error / persistence : 0
  }

  /** Whether the forecast may act. */
  get isEnough (): boolean {
    return (this.value ?? 0) > ENOUGH && this.#evidence.standardErrors > BEYOND_CHANCE
  }
}
