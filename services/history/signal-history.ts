import type { Incident } from './incident-watch.ts'
import { SeriesRing, type Series, type SignalPoint } from './series.ts'

/** Most incidents that are kept. */
const MOST_INCIDENTS = 500
/** If the clock goes back by more than this, the kept seconds are discarded. */
const CLOCK_STEP_SECONDS = 5

/** The points and incidents after some second. */
export interface Stretch {
  readonly series: Series
  readonly incidents: readonly Incident[]
}

/**
 * The last hour of this process: a point a second, and incidents. An incident belongs to the second that ends after it.
 */
export class SignalHistory {
  readonly #series: SeriesRing
  #incidents: readonly { second: number, incident: Incident }[] = []
  #pending: readonly Incident[] = []

  constructor (series: SeriesRing) {
    this.#series = series
  }

  /** Seconds of the epoch of the newest point, -Infinity without one. */
  get lastSecond (): number { return this.#series.lastTime }

  /** Records the incidents since the last second. */
  record (incidents: readonly Incident[]): void {
    if (incidents.length > 0) this.#pending = [...this.#pending, ...incidents].slice(-MOST_INCIDENTS)
  }

  /** Ends a second. Returns false if it already has a point. */
  end (point: SignalPoint): boolean {
    if (this.lastSecond - point.time > CLOCK_STEP_SECONDS) {
      this.#series.clear()
      this.#incidents = this.#incidents.map(({ incident }) => ({ second: point.time - 1, incident }))
    }
    if (point.time <= this.lastSecond) return false
    this.#series.append(point)
    if (this.#pending.length > 0) {
      this.#incidents = [...this.#incidents, ...this.#pending.map((incident) => ({ second: point.time, incident }))]
        .slice(-MOST_INCIDENTS)
      this.#pending = []
    }
    return true
  }

  /** Returns the points and incidents after this second of the epoch. */
  since (second: number): Stretch {
    return {
      series: this.#series.since(second),
      incidents: this.#incidents.filter((entry) => entry.second > second).map(({ incident }) => incident)
    }
  }
}
