import { WorkerDemand } from '../../../services/scaling/worker-demand.ts'

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
const SYNC_SECONDS = 15
const SCRAPE_SECONDS = 15
const TOLERANCE = 0.1
const STABILISATION_SECONDS = 300
const MAX_REPLICAS = 200

/**
 * A queue with workers as a flow, and an autoscaler that follows `needed` by the rules of Kubernetes'
 * HorizontalPodAutoscaler with an average value of 1: desired = ceil(metric), nothing within a tenth of what there is,
 * up at once, down to the most that was wanted in the last five minutes.
 */
export class Autoscaler {
  readonly #load: Load

  constructor (load: Load) {
    this.#load = load
  }

  /** The replicas second by second, and the events that wait in the end. */
  run (seconds: number): { replicas: number[], backlog: number } {
    const { ratePerWorker, startSeconds, slotShareBelowLimit, drainTargetMs } = this.#load
    const demand = new WorkerDemand({ drainTargetMs })
    const arrivalRate = this.#load.arrivals * ratePerWorker
    let backlog = this.#load.backlog * 60 * ratePerWorker
    let [arrived, worked] = [backlog, 0]
    const history: number[] = []
    const wanted: { at: number, desired: number }[] = []
    let replicas = this.#load.replicas
    let metric: number | undefined
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
      demand.observe({
        at: second * 1_000,
        arrived,
        worked,
        completed: worked,
        waiting: backlog,
        workers: live,
        slots: live * SLOTS,
        isPaused: false,
        isHeldUp: false,
        inWork: 0,
        takenSlots: live * SLOTS * (isFull ? 1 : load * slotShareBelowLimit)
      })
      if (second % SCRAPE_SECONDS === 0) metric = demand.needed
      if (second % SYNC_SECONDS === 0 && metric !== undefined) {
        const desired = Math.abs(metric / replicas - 1) <= TOLERANCE ? replicas : Math.min(MAX_REPLICAS, metric)
        wanted.push({ at: second, desired })
        const most = Math.max(...wanted.filter(({ at }) =>
          at > second - STABILISATION_SECONDS
        ).map(({ desired }) => desired))
        const next = desired > replicas ? desired : Math.min(replicas, most)
        if (next > replicas) starting.push({ at: second + startSeconds, count: next - replicas })
        if (next < replicas) starting = []
        replicas = next
      }
      history.push(replicas)
    }
    return { replicas: history, backlog }
  }
}
