/*
 * The number of worker processes for an autoscaler, from the samples of the queue:
 *
 *   arrivals, backlog ─► required rate ─► / rate of one worker ─► steady number ─► needed
 *   a jump of arrivals ─► surge ──────────────┘                        ▲
 *   busy workers before and after a step ─► limit of the consumer ─────┘
 *
 * While the work stands still, the number stays: more workers would also wait, and fewer would be missing afterwards.
 * All processes see the same samples, so their numbers differ only for the first minutes of a new one, which begins with
 * the live workers and asks for no fewer before it has seen SCALE_IN_AFTER_MS.
 */
import { Capacity, hasBacklog } from '../control/capacity.ts'
import { byClass, type ByClass } from '../control/wait.ts'
import { ConsumerLimit } from './consumer-limit.ts'
import type { DemandSample } from './demand-sample.ts'
import { RecentArrivals, totalOf } from './recent-arrivals.ts'
import { drainTargets, requiredRate } from './required-rate.ts'
import {
  NOTHING_AHEAD, type ArrivalsAhead, type Ignorance, type Standstill, type WorkersNeeded
} from './scaling-state.ts'
import { SteadyNumber } from './steady-number.ts'
import { surgeWorkers } from './surge.ts'
import { wholeWorkers, workersFor } from './workers-needed.ts'

/** The half-life of the rate that workers have to keep up with, as a share of the time before their number falls. */
const STEADY_SHARE = 0.5

export interface WorkerDemandOptions {
  /** Milliseconds in which the whole backlog should be processed. */
  readonly drainTargetMs: number
  /** Milliseconds that have to show that fewer workers are enough. */
  readonly scaleInAfterMs: number
  /** How long an event of each class may wait; it may change with each sample. */
  readonly budgetsMs: () => ByClass
}

/** Workers as quotients of rates: for the steady arrivals, those of ten seconds, of a jump, and of a forecast. */
interface Quotients {
  readonly usual: number
  readonly recent: number
  readonly jumped: number
  readonly predicted: number | undefined
  readonly breach: number
}

export class WorkerDemand {
  /** The capacity of the workers, from the samples that this sees. */
  readonly capacity = new Capacity()
  readonly #options: WorkerDemandOptions
  readonly #arrivals: RecentArrivals
  readonly #limit = new ConsumerLimit()
  #number: SteadyNumber | undefined
  #atHorizon: SteadyNumber | undefined
  #ahead = NOTHING_AHEAD
  /** Since when more workers are asked for than there are. */
  #askedSince: number | undefined
  #state: WorkersNeeded | Ignorance = 'too-early'

  constructor (options: WorkerDemandOptions) {
    this.#options = options
    this.#arrivals = new RecentArrivals(options.scaleInAfterMs * STEADY_SHARE)
  }

  /** The number of workers and its explanation, or the reason for which it is unknown. */
  get state (): WorkersNeeded | Ignorance { return this.#state }

  /** The number of needed worker processes; undefined while unknown, never 0. */
  get needed (): number | undefined {
    return typeof this.#state === 'string' ? undefined : this.#state.needed
  }

  /** From now on, workers for these arrivals are also considered. */
  foresee (ahead: ArrivalsAhead): void {
    this.#ahead = ahead
  }

  observe (sample: DemandSample): void {
    if (this.capacity.observe(sample) === undefined) this.#arrivals.lose()
    this.#arrivals.observe(sample.at, sample.offeredByClass)
    this.#limit.observe(sample)
    this.#state = this.#stateOf(sample)
  }

  /** Records that the queue cannot be read. The known speed of workers and the number stay. */
  lose (): void {
    this.#state = 'queue-unavailable'
    this.capacity.lose()
    this.#arrivals.lose()
    this.#limit.lose()
    this.#number?.lose()
    this.#atHorizon?.lose()
  }

  #stateOf (sample: DemandSample): WorkersNeeded | Ignorance {
    const { steady, present } = this.#arrivals
    if (steady === undefined || present === undefined) return 'too-early'
    const { drainTargetMs, scaleInAfterMs, budgetsMs } = this.#options
    const number = this.#number ??= new SteadyNumber(sample.workers, scaleInAfterMs)
    const atHorizon = this.#atHorizon ??= new SteadyNumber(sample.workers, scaleInAfterMs)
    const targets = drainTargets(budgetsMs(), drainTargetMs)
    const standstill = standstillOf(sample)
    const quotients = this.#quotients(sample, steady, present, targets) ??
      // Whatever their speed is, the number stays.
      (standstill === undefined ? undefined : asTheyAre(number.value))
    if (quotients === undefined) return 'speed-unknown'
    const { usual, recent, jumped, predicted, breach } = quotients
    const { limit } = this.#limit
    const early = this.#ahead.acts ? Math.max(predicted ?? 0, breach) : 0
    if (standstill === undefined) {
      const most = limit?.workers
      const later = Math.max(predicted ?? usual, jumped, breach)
      number.observe(sample.at, Math.max(usual, jumped, early), Math.max(recent, early), most)
      atHorizon.observe(sample.at, later, Math.max(predicted ?? recent, breach), most)
    }
    const { heldWorkers, waitingByClass: waiting } = sample
    const needed = besideHeld(number.value, sample)
    return {
      current: sample.workers + heldWorkers,
      needed,
      neededAtHorizon: besideHeld(atHorizon.value, sample),
      enoughNow: besideHeld(wholeWorkers(Math.max(usual, jumped, early)), sample),
      held: Math.max(0, needed - number.value),
      standstill,
      arrivalRate: totalOf(steady),
      waiting: totalOf(waiting),
      ratePerWorker: this.capacity.workerSpeed?.perWorker,
      required: requiredRate({ arrivalRate: steady, waiting }, targets),
      isSurge: jumped > Math.max(usual, early),
      isAhead: early > Math.max(usual, jumped),
      limit,
      scaleInAfterMs
    }
  }

  /** Undefined while the speed of a worker is unknown. */
  #quotients (sample: DemandSample, steady: ByClass, present: ByClass, targets: ByClass): Quotients | undefined {
    const { workers: liveWorkers, waitingByClass: waiting } = sample
    const ratePerWorker = this.capacity.workerSpeed?.perWorker
    const workersAt = (arrivalRate: ByClass) => {
      const { perSecond } = requiredRate({ arrivalRate, waiting }, targets)
      return workersFor({ perSecond, ratePerWorker, liveWorkers })
    }
    const usual = workersAt(steady)
    const recent = workersAt(present)
    if (usual === undefined || recent === undefined) return undefined
    const { atHorizon, breach } = this.#ahead
    // Workers that keep up are enough, even if the quotient of two measured rates is slightly above their number.
    const keepUp = liveWorkers > 0 && !sample.isHeldUp && !hasBacklog(sample)
    const most = keepUp ? liveWorkers : Infinity
    return {
      usual: Math.min(usual, most),
      recent: Math.min(recent, most),
      jumped: this.#jumped(sample, ratePerWorker),
      predicted: atHorizon === undefined ? undefined : workersAt(scaled(present, atHorizon)),
      breach: workersFor({ perSecond: breach, ratePerWorker, liveWorkers }) ?? 0
    }
  }

  #jumped ({ at, workers: liveWorkers, waitingByClass: waiting }: DemandSample, ratePerWorker = Infinity): number {
    const { surge: arrivalRate } = this.#arrivals
    const askedWorkers = this.#number?.value ?? liveWorkers
    if (liveWorkers >= askedWorkers) this.#askedSince = undefined
    else this.#askedSince ??= at
    if (arrivalRate === undefined || !Number.isFinite(ratePerWorker) || ratePerWorker <= 0) return 0
    return surgeWorkers({
      arrivalRate,
      waiting,
      budgetsMs: this.#options.budgetsMs(),
      ratePerWorker,
      liveWorkers,
      askedWorkers,
      askedForMs: Math.max(0, at - (this.#askedSince ?? at))
    })
  }
}

/**
 * Adds the workers that take no batch to those that are needed, up to as many again: those that an autoscaler starts
 * may also take none, and each would ask for a further one. A number below that of the live workers could end one that
 * works. If none works, more would not help.
 */
function besideHeld (needed: number, { workers, heldWorkers }: DemandSample): number {
  if (workers === 0) return Math.max(needed, heldWorkers)
  return Math.min(needed + heldWorkers, Math.max(workers + heldWorkers, 2 * needed))
}

function asTheyAre (workers: number): Quotients {
  return { usual: workers, recent: workers, jumped: 0, predicted: undefined, breach: 0 }
}

function standstillOf ({ isPaused, isHeldUp, workers, heldWorkers }: DemandSample): Standstill | undefined {
  if (isHeldUp) return 'consumer-away'
  if (workers === 0 && heldWorkers > 0) return 'held'
  return isPaused ? 'paused' : undefined
}

/** Spreads a rate over the classes as they arrive now. */
function scaled (rates: ByClass, perSecond: number): ByClass {
  const total = totalOf(rates)
  return total > 0 ? byClass((name) => rates[name] * perSecond / total) : { critical: 0, normal: 0, low: perSecond }
}
