/*
 * How far the gain of one forecast over another exceeds chance. Forecasts that overlap go wrong together: a series of
 * sixty of them, sixty steps ahead, is hardly more than one. So gains are added up over blocks of one horizon, and the
 * mean of blocks is held against their spread, however the steps within a block depend on each other.
 */
import { restored } from './saved-state.ts'

export class Evidence {
  readonly learned: { block: number, gain: number, gainSquare: number, steps: number, blocks: number }
  readonly #horizon: number
  readonly #memory: number

  /** @param memory the last blocks that count, about */
  constructor (horizon: number, memory: number, saved?: unknown) {
    this.#horizon = horizon
    this.#memory = memory
    this.learned = restored(saved, { block: 0, gain: 0, gainSquare: 0, steps: 0, blocks: 0 })
  }

  /** Takes in by how much one forecast was nearer than the other, at one step. */
  observe (gain: number): void {
    const { learned } = this
    learned.block += gain / this.#horizon
    if (++learned.steps % this.#horizon !== 0) return
    const weight = 1 / Math.min(this.#memory, ++learned.blocks)
    learned.gain += weight * (learned.block - learned.gain)
    learned.gainSquare += weight * (learned.block ** 2 - learned.gainSquare)
    learned.block = 0
  }

  /**
   * The mean gain in units of its standard error if there were no gain. The square of it is at most the number of
   * blocks, so a few lucky blocks prove little, and a single huge one proves nothing.
   */
  get standardErrors (): number {
    const { gain, gainSquare, blocks } = this.learned
    return gainSquare > 0 ? gain * Math.sqrt(Math.min(this.#memory, blocks) / gainSquare) : 0
  }
}
