import { RATE_HALF_LIFE_MS } from '../admission/rate.ts'
import { PRIORITY_CLASSES } from '../admission/priority-class.ts'
import { byClass, type ByClass } from '../control/wait.ts'

/** Arrivals within a shorter time than this are mostly chance. */
const LEAST_ARRIVAL_MS = 2_000

/** A rate is that of a surge if it was seen in three such windows in a row: a large request is in two of them at most. */
const SURGE_WINDOW_MS = 3_000
const SURGE_WINDOWS = 3
const SURGE_MS = SURGE_WINDOWS * SURGE_WINDOW_MS

/** A surge exceeds the steady rate by so many standard deviations of a Poisson process in each window. */
const BEYOND_CHANCE = 3

/** Other processes book their counts of a time without readings within this, all at once. */
const LATE_BOOKING_MS = 1_000

/** Points closer together than this count as one. */
const SPACING_MS = 250

interface Point {
  readonly at: number
  readonly arrived: ByClass
}

/** Follows the events that ever arrived, and knows their rates, in events per second by class. */
export class RecentArrivals {
  readonly #steady: FadingRate
  readonly #present = new FadingRate(RATE_HALF_LIFE_MS)
  /** Ascending, over the windows of a surge and a little more. */
  #points: Point[] = []
  /** Counts up to this time are those of a time without readings. */
  #countsFrom = 0

  /** @param steadyHalfLifeMs the time after which the past counts half in the steady rate */
  constructor (steadyHalfLifeMs: number) {
    this.#steady = new FadingRate(steadyHalfLifeMs)
  }

  /** @param arrived events of each class that ever arrived; a count that goes back counts as no arrival */
  observe (at: number, arrived: ByClass): void {
    const last = this.#points.at(-1)
    if (last !== undefined && at - last.at < SPACING_MS && at >= last.at) return
    if (last === undefined || at < last.at || at - last.at > SURGE_MS) {
      this.#points = []
      this.#countsFrom = at + LATE_BOOKING_MS
    } else if (at < this.#countsFrom) {
      this.#points = []
    } else {
      const events = byClass((name) => Math.max(0, arrived[name] - last.arrived[name]))
      this.#steady.add(events, at - last.at)
      this.#present.add(events, at - last.at)
    }
    this.#points.push({ at, arrived })
    while (this.#points.length > 2 && (this.#points[1] as Point).at <= at - SURGE_MS) this.#points.shift()
  }

  /** Nothing is known of the time until the next observation. The rates stay. */
  lose (): void {
    this.#points = []
  }

  /** Smoothed over the longer time, for the workers that have to keep up; undefined before there is enough evidence. */
  get steady (): ByClass | undefined { return this.#steady.perSecond }

  /** Smoothed over about ten seconds. */
  get present (): ByClass | undefined { return this.#present.perSecond }

  /** The rate of the last seconds if it exceeds the steady one beyond chance; undefined while there is no surge. */
  get surge (): ByClass | undefined {
    const { steady } = this
    const now = this.#points.at(-1)
    const first = this.#points[0]
    if (steady === undefined || now === undefined || first === undefined) return undefined
    if (now.at - first.at < SURGE_MS) return undefined
    const bounds = Array.from({ length: SURGE_WINDOWS + 1 }, (_, window) =>
      this.#points.findLast(({ at }) => at <= now.at - SURGE_MS + window * SURGE_WINDOW_MS) as Point)
    const rates = bounds.slice(1).map((to, index) => rateOf(bounds[index] as Point, to))
    const lowest = byClass((name) => Math.min(...rates.map((rate) => rate[name])))
    const usual = totalOf(steady) * SURGE_WINDOW_MS / 1_000
    const seen = Math.min(...rates.map(totalOf)) * SURGE_WINDOW_MS / 1_000
    return seen > usual + BEYOND_CHANCE * Math.sqrt(usual) ? lowest : undefined
  }
}

/** A rate in which the past fades. It is unbiased from the first event on, since its time also fades. */
class FadingRate {
  readonly #halfLifeMs: number
  #events: ByClass = { critical: 0, normal: 0, low: 0 }
  #elapsedMs = 0

  constructor (halfLifeMs: number) {
    this.#halfLifeMs = halfLifeMs
  }

  add (events: ByClass, elapsedMs: number): void {
    const keep = 2 ** (-elapsedMs / this.#halfLifeMs)
    this.#events = byClass((name) => this.#events[name] * keep + events[name])
    this.#elapsedMs = this.#elapsedMs * keep + elapsedMs
  }

  get perSecond (): ByClass | undefined {
    if (this.#elapsedMs < LEAST_ARRIVAL_MS) return undefined
    return byClass((name) => this.#events[name] * 1_000 / this.#elapsedMs)
  }
}

/** Adds up what is known of each class. */
export function totalOf (values: ByClass): number {
  let total = 0
  for (const name of PRIORITY_CLASSES) total += values[name]
  return total
}

function rateOf (from: Point, to: Point): ByClass {
  const seconds = (to.at - from.at) / 1_000
  return byClass((name) => seconds > 0 ? Math.max(0, to.arrived[name] - from.arrived[name]) / seconds : 0)
}
