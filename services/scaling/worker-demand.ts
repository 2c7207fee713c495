import { RATE_HALF_LIFE_MS } from '../admission/rate.ts'
import { Capacity, hasBacklog, type WorkSample } from '../control/capacity.ts'
import { workersNeeded } from './workers-needed.ts'

/** Arrivals within a shorter time than this are mostly chance. */
const LEAST_ARRIVAL_MS = 2_000

/** Computes from the samples how many worker processes are needed. */
export class WorkerDemand {
  /** The capacity of the workers, from the samples that this sees. */
  readonly capacity = new Capacity()
  readonly #drainTargetMs: number
  #last: WorkSample | undefined
  #arrived = 0
  #arrivalMs = 0
  #arrivalsAhead = 0

  constructor ({ drainTargetMs }: { drainTargetMs: number }) {
    this.#drainTargetMs = drainTargetMs
  }

  /**
   * The number of needed worker processes. Undefined without enough evidence, while the queue cannot be read, and while
   * work is paused, since more workers would also wait.
   */
  get needed (): number | undefined {
    const last = this.#last
    if (last === undefined || last.isPaused || this.#arrivalMs < LEAST_ARRIVAL_MS) return undefined
    const arrivalRate = this.#arrived * 1000 / this.#arrivalMs
    const now = this.#neededFor(arrivalRate, last)
    // Workers that keep up are enough, even if the quotient of two measured rates is slightly above their number.
    const keepUp = last.workers > 0 && !last.isHeldUp && !hasBacklog(last)
    const needed = now !== undefined && keepUp ? Math.min(now, last.workers) : now
    if (this.#arrivalsAhead <= arrivalRate) return needed
    return needed && Math.max(needed, this.#neededFor(this.#arrivalsAhead, last) ?? 0)
  }

  #neededFor (arrivalRate: number, last: WorkSample): number | undefined {
    return workersNeeded({
      arrivalRate,
      backlog: last.waiting,
      ratePerWorker: this.capacity.workerSpeed?.perWorker,
      liveWorkers: last.workers,
      drainTargetMs: this.#drainTargetMs
    })
  }

  /** From now on, workers for this rate of arrivals are also needed, in events per second; 0 for none ahead. */
  foresee (arrivalsPerSecond: number): void {
    this.#arrivalsAhead = arrivalsPerSecond
  }

  observe (sample: WorkSample): void {
    const last = this.#last
    this.#last = sample
    const elapsedMs = this.capacity.observe(sample)
    if (last === undefined || elapsedMs === undefined) return
    const keep = 2 ** (-elapsedMs / RATE_HALF_LIFE_MS)
    this.#arrived = this.#arrived * keep + Math.max(0, sample.arrived - last.arrived)
    this.#arrivalMs = this.#arrivalMs * keep + elapsedMs
  }

  /** Records that the queue cannot be read. The known speed of workers stays. */
  lose (): void {
    this.#last = undefined
    this.capacity.lose()
  }
}
