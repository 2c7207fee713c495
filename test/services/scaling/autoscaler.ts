import { LOOK_INTERVAL_MS, ReplicaPolicy } from '../../../rig/autoscaler/replica-policy.ts'
import { WorkerDemand } from '../../../services/scaling/worker-demand.ts'
import { sample } from './sample.ts'

export interface Load {
  /** Events per second that one worker does. */
  ratePerWorker: number
  /** How many workers the arrivals keep busy. */
  arrivals: number
  /** The backlog at the beginning, in minutes of work for one worker. */
  backlog: number
  /** Workers at the beginning. */
  replicas: number
  /** How long a worker takes to start. */
  startSeconds: number
  /** Share of used slots in a worker that is nearly at its limit; at the limit all slots are used. */
  slotShareBelowLimit: number
  drainTargetMs: number
}

const SLOTS = 20
const MAX_REPLICAS = 200
const BUDGETS_MS = { critical: 2_000, normal: 30_000, low: 300_000 }

/** A queue with workers as a flow, and an autoscaler that follows `needed` by the rules of Kubernetes. */
export class Autoscaler {
  readonly #load: Load

  constructor (load: Load) {
    this.#load = load
  }

  /** The replicas second by second, and the events that wait in the end. */
  run (seconds: number): { replicas: number[], backlog: number } {
    const { ratePerWorker, startSeconds, slotShareBelowLimit, drainTargetMs } = this.#load
    const demand = new WorkerDemand({ drainTargetMs, scaleInAfterMs: 120_000, budgetsMs: () => BUDGETS_MS })
    const policy = new ReplicaPolicy({ most: MAX_REPLICAS })
    const arrivalRate = this.#load.arrivals * ratePerWorker
    let backlog = this.#load.backlog * 60 * ratePerWorker
    let [arrived, worked] = [backlog, 0]
    const history: number[] = []
    let replicas = this.#load.replicas
    let starting: { at: number, count: number }[] = []
    for (let second = 1; second <= seconds; second++) {
      starting = starting.filter(({ at }) => at > second)
      const live = replicas - starting.reduce((total, { count }) => total + count, 0)
      const done = Math.min(backlog + arrivalRate, live * ratePerWorker)
      arrived += arrivalRate
      worked += done
      backlog += arrivalRate - done
      const load = done / (live * ratePerWorker)
      const isFull = backlog > 1e-6 * ratePerWorker || load > 1 - 1e-9
      demand.observe(sample({
        at: second * 1_000,
        arrived,
        worked,
        completed: worked,
        waiting: backlog,
        workers: live,
        slots: live * SLOTS,
        takenSlots: live * SLOTS * (isFull ? 1 : load * slotShareBelowLimit)
      }))
      if (second * 1_000 % LOOK_INTERVAL_MS === 0) {
        const next = policy.next(second * 1_000, demand.needed, replicas)
        if (next > replicas) starting.push({ at: second + startSeconds, count: next - replicas })
        if (next < replicas) starting = []
        replicas = next
      }
      history.push(replicas)
    }
    return { replicas: history, backlog }
  }
}
