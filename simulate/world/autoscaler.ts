import { WorkerDemand } from '../../services/scaling/worker-demand.ts'
import type { Reading } from '../subject.ts'
import { workOf } from '../work-of.ts'

/** As Kubernetes does by default: a look every 15 s, and fewer workers only after five minutes with less need. */
const LOOK_INTERVAL_MS = 15_000
const LOOKS_BEFORE_FEWER = 20

export interface AutoscalerOptions {
  readonly mostWorkers: number
  readonly scaleOutLagMs: number
  readonly drainTargetMs: number
}

/** Follows the number of workers that production asks for; a new one begins after a lag. */
export class Autoscaler {
  readonly #options: AutoscalerOptions
  readonly #demand: WorkerDemand
  readonly #asked: number[] = []
  #looks = 0
  #count = 1
  /** Workers that start, in order of the time at which they begin. */
  readonly #starting: { readonly at: number, readonly count: number }[] = []

  constructor (options: AutoscalerOptions) {
    this.#options = options
    this.#demand = new WorkerDemand(options)
  }

  /**
   * Takes in a reading and returns the number of workers that are there from now on.
   *
   * @param arrivalsAhead events per second that workers should be there for ahead of time
   */
  observe (reading: Reading, arrivalsAhead = 0): number {
    const { redisTimeMs: now } = reading
    this.#demand.observe(workOf(reading))
    this.#demand.foresee(arrivalsAhead)
    if (now >= this.#looks * LOOK_INTERVAL_MS) {
      this.#looks++
      this.#look(now)
    }
    while (this.#starting[0] !== undefined && this.#starting[0].at <= now) this.#count = this.#starting.shift()!.count
    return this.#count
  }

  #look (now: number): void {
    const { mostWorkers, scaleOutLagMs } = this.#options
    const coming = this.#starting.at(-1)?.count ?? this.#count
    this.#asked.push(Math.min(mostWorkers, this.#demand.needed ?? coming))
    if (this.#asked.length > LOOKS_BEFORE_FEWER) this.#asked.shift()
    const wanted = Math.max(...this.#asked)
    if (wanted > coming) this.#starting.push({ at: now + scaleOutLagMs, count: wanted })
    else if (wanted < coming && this.#asked.length === LOOKS_BEFORE_FEWER)
      this.#starting.push({ at: now, count: wanted })
  }
}
