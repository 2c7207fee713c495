import { LOOK_INTERVAL_MS, ReplicaPolicy } from '../../rig/autoscaler/replica-policy.ts'
import type { ArrivalsAhead } from '../../services/scaling/scaling-state.ts'
import { WorkerDemand } from '../../services/scaling/worker-demand.ts'
import type { ByClass } from '../classes.ts'
import type { Reading } from '../subject.ts'
import { workOf } from '../work-of.ts'

/** Decides on the number of workers that there are. */
export interface Scaler {
  /**
   * Takes in a reading and returns the number of workers from now on.
   *
   * @param ahead the arrivals that a forecast predicts
   */
  observe: (reading: Reading, ahead?: ArrivalsAhead) => number
}

export interface AutoscalerOptions {
  readonly mostWorkers: number
  readonly scaleOutLagMs: number
  readonly drainTargetMs: number
  readonly scaleInAfterMs: number
  readonly budgetsMs: ByClass
}

/**
 * Follows the number of workers that production asks for, as Kubernetes does with the manifests of deploy/: a look every
 * 15 s. A new worker begins after a lag, and one that is removed takes no further event.
 */
export class Autoscaler implements Scaler {
  readonly #lagMs: number
  readonly #demand: WorkerDemand
  readonly #policy: ReplicaPolicy
  #lookAt = 0
  #count = 1
  /** Workers that start, in order of the time at which they begin. */
  #starting: { readonly at: number, readonly count: number }[] = []

  constructor (options: AutoscalerOptions) {
    const { mostWorkers, scaleOutLagMs, drainTargetMs, scaleInAfterMs, budgetsMs: [critical, normal, low] } = options
    this.#lagMs = scaleOutLagMs
    this.#policy = new ReplicaPolicy({ most: mostWorkers })
    this.#demand = new WorkerDemand({ drainTargetMs, scaleInAfterMs, budgetsMs: () => ({ critical, normal, low }) })
  }

  observe (reading: Reading, ahead?: ArrivalsAhead): number {
    const { redisTimeMs: now } = reading
    if (ahead !== undefined) this.#demand.foresee(ahead)
    this.#demand.observe(workOf(reading))
    if (now >= this.#lookAt) {
      this.#lookAt = now + LOOK_INTERVAL_MS
      this.#look(now)
    }
    while (this.#starting[0] !== undefined && this.#starting[0].at <= now) this.#count = this.#starting.shift()!.count
    return this.#count
  }

  #look (now: number): void {
    const coming = this.#starting.at(-1)?.count ?? this.#count
    const wanted = this.#policy.next(now, this.#demand.needed, coming)
    if (wanted > coming) this.#starting.push({ at: now + this.#lagMs, count: wanted })
    if (wanted >= coming) return
    // Those that start are the first to go.
    this.#starting = this.#starting.filter(({ count }) => count < wanted)
    if (this.#count >= wanted) this.#count = wanted
    else this.#starting.push({ at: now + this.#lagMs, count: wanted })
  }
}
