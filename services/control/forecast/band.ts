/*
 * The band around a forecast that holds the truth nine times in ten: split conformal prediction from the last
 * residuals, one quantile for each side, because counts burst upwards.
 *
 * A series that drifts has other residuals tomorrow than today. So each side follows its own misses (adaptive
 * conformal inference, Gibbs and Candès 2021): a miss widens it at once, every hit narrows it a little, and over time
 * it misses as often as it is meant to, whatever the series does. Residuals are those of square roots, whose size
 * depends least on the level.
 *
 * Whole numbers bound this: a series that is 0 nine times in ten is within every band that holds 0.
 */
import { restored } from './saved-state.ts'
import { SortedWindow } from './sorted-window.ts'

/** Misses meant for each side: 90 % are inside. */
const MISS = 0.05

/** Residuals in the window. */
const WINDOW = 300

/** Residuals before there is a band. */
const LEAST = 20

/** A miss moves the aim of its side by this. */
const PACE = 0.01

/** Beyond the last residual of the window a side reaches further by this multiple of it for each unit of its aim. */
const STRIDE = 10

/** A truth that equals an end is inside, however its root was rounded. */
const ROUNDING = 1e-9

export interface Range {
  readonly low: number
  readonly high: number
}

export class Band {
  readonly #horizon: number
  readonly #window = new SortedWindow(WINDOW)
  /** The share of residuals that each side is to exceed. */
  readonly #aim: { low: number, high: number }
  /** Forecasts and bands in flight, in a ring. */
  readonly #forecasts: number[] = []
  readonly #ranges: (Range | undefined)[] = []
  #step = 0

  constructor (horizon: number, saved?: unknown) {
    this.#horizon = horizon
    const { aim, residuals } = (saved ?? {}) as { aim?: unknown, residuals?: unknown }
    this.#aim = restored(aim, { low: 1 - MISS, high: 1 - MISS })
    if (!Array.isArray(residuals) || residuals.length > WINDOW) return
    for (const residual of residuals) if (Number.isFinite(residual)) this.#window.add(residual)
  }

  get learned (): object {
    return { aim: this.#aim, residuals: this.#window.values() }
  }

  /** Takes in the value of this step, if it is known, and returns the band that was given for it. */
  observe (value: number | undefined): Range | undefined {
    const slot = this.#step % this.#horizon
    if (this.#step < this.#horizon || value === undefined) return undefined
    const range = this.#ranges[slot]
    if (range !== undefined) {
      this.#aim.low = nextAim(this.#aim.low, value < range.low)
      this.#aim.high = nextAim(this.#aim.high, value > range.high)
    }
    this.#window.add(Math.sqrt(value) - Math.sqrt(this.#forecasts[slot] as number))
    return range
  }

  /** Returns the band around the forecast from this step; undefined before there are residuals. */
  around (forecast: number): Range | undefined {
    const slot = this.#step++ % this.#horizon
    this.#forecasts[slot] = forecast
    this.#ranges[slot] = this.#window.size < LEAST ? undefined : this.#rangeOf(Math.sqrt(forecast))
    return this.#ranges[slot]
  }

  #rangeOf (root: number): Range {
    return {
      low: Math.max(0, root + this.#reach(1 - this.#aim.low)) ** 2 * (1 - ROUNDING),
      high: Math.max(0, root + this.#reach(this.#aim.high)) ** 2 * (1 + ROUNDING)
    }
  }

  #reach (share: number): number {
    return this.#window.quantile(share) * (1 + STRIDE * Math.max(0, share - 1, -share))
  }
}

function nextAim (aim: number, isMiss: boolean): number {
  return Math.max(0.5, Math.min(1.5, aim + PACE * (isMiss ? 1 - MISS : -MISS)))
}
