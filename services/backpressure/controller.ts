/*
 * Decides who gets in. Two inputs with different rhythms meet here:
 *
 *   update(sample)  every sample interval: moves the circuit, the rates, the signals
 *   decide(...)     every event: compares numbers that are already in memory
 *
 * Between two samples the controller adds what this process admitted itself, so that a burst shorter than a sample
 * interval cannot pass a threshold unseen. What other replicas admit meanwhile is seen with the next sample.
 */
import { nextCircuitState, type CircuitState } from './circuit.ts'
import { ADMITTED, type Decision, type Refusal } from './decision.ts'
import type { NamedPolicy } from './policy.ts'
import { priorityClass } from './priority-class.ts'
import { smoothRate } from './rate.ts'
import { retryAfterSeconds } from './retry-after.ts'
import type { Load, QueueSample, Signals } from './signals.ts'
import { sum } from './sum.ts'
import type { Thresholds } from './thresholds.ts'

const PRIORITY_SLOTS = 11

export interface ControllerOptions {
  thresholds: Thresholds
  policies: readonly NamedPolicy[]
  /** Milliseconds of the clock that later arguments named `now` use. */
  now: number
}

export interface CircuitTransition {
  readonly from: CircuitState
  readonly to: CircuitState
  readonly depth: number
}

export class AdmissionController {
  #signals: Signals
  readonly #policies: readonly NamedPolicy[]
  #previous: { sample: QueueSample, at: number } | undefined
  #drainRate: number | undefined
  #arrivalRates: (number | undefined)[] = Array.from({ length: PRIORITY_SLOTS })
  #admittedSinceSample = 0

  constructor ({ thresholds, policies, now }: ControllerOptions) {
    this.#policies = policies.toSorted((a, b) => a.rank - b.rank)
    this.#signals = {
      takenAt: now,
      isDepthKnown: false,
      depth: 0,
      depthByPriority: Array.from({ length: PRIORITY_SLOTS }, () => 0),
      arrivalRateByPriority: Array.from({ length: PRIORITY_SLOTS }, () => 0),
      drainRate: 0,
      memoryUse: 0,
      thresholds,
      circuitState: 'CLOSED',
      circuitSince: now
    }
  }

  get signals (): Signals { return this.#signals }

  /** Depth of the last sample plus what this process admitted since. */
  get depth (): number { return this.#signals.depth + this.#admittedSinceSample }

  /**
   * Takes in a reading of the queue and answers the step the circuit took, if it took one.
   *
   * @param admittedAfter events that this process has admitted and that the reading cannot contain yet
   */
  update (sample: QueueSample, now: number, admittedAfter = 0): CircuitTransition | undefined {
    this.#updateRates(sample, now)
    const { circuitState: from, thresholds } = this.#signals
    const depth = sum(sample.depthByPriority)
    const to = nextCircuitState(from, depth, thresholds)
    this.#admittedSinceSample = admittedAfter
    this.#signals = {
      takenAt: now,
      isDepthKnown: true,
      depth,
      depthByPriority: sample.depthByPriority,
      arrivalRateByPriority: this.#arrivalRates.map((rate) => rate ?? 0),
      drainRate: this.#drainRate ?? 0,
      memoryUse: sample.memoryUse ?? 0,
      thresholds,
      circuitState: to,
      circuitSince: to === from ? this.#signals.circuitSince : now
    }
    return to === from ? undefined : { from, to, depth }
  }

  /** The queue cannot be read: from now on its depth is unknown, which is never the same as empty. */
  lose (): void {
    if (!this.#signals.isDepthKnown) return
    this.#previous = undefined
    this.#signals = { ...this.#signals, isDepthKnown: false }
  }

  /** Puts the circuit into a state from outside: a reset, or the state that other replicas are in already. */
  force (circuitState: CircuitState, now: number): void {
    if (circuitState === this.#signals.circuitState) return
    this.#signals = { ...this.#signals, circuitState, circuitSince: now }
  }

  /**
   * Admits or refuses an event of this priority. `random` is uniform in [0, 1) and spreads Retry-After.
   *
   * @param bodyShare share of the budget for bodies in flight that the body of the event would fill; 0 once it has been read
   */
  decide (priority: number, isProcessOverloaded: boolean, random: () => number, bodyShare = 0): Decision {
    const load: Load = { signals: this.#signals, depth: this.depth, isProcessOverloaded, bodyShare }
    const eventClass = priorityClass(priority)
    for (const policy of this.#policies) {
      if (policy.refuses(load, eventClass)) return this.#refuse(policy, load, priority, random())
    }
    return ADMITTED
  }

  /** Notes that `count` events have been admitted, so that the next decision sees them before the next sample does. */
  noteAdmitted (count: number): void {
    this.#admittedSinceSample += count
  }

  #refuse (policy: NamedPolicy, load: Load, priority: number, random: number): Refusal {
    const eventClass = priorityClass(priority)
    const target = policy.readmitsAtDepth(load, eventClass)
    // At the very threshold one event has to go before the next comes in.
    const excess = target === undefined ? 0 : Math.max(1, load.depth - target)
    const refusal: Refusal = { admitted: false, reason: policy.reason, retryAfterSeconds: retryAfterSeconds(excess, this.#netDrainRate(priority), random) }
    return policy.spools ? { ...refusal, isSpoolable: true } : refusal
  }

  /** Events per second by which the queue shrinks while nothing of this priority or below it is admitted. */
  #netDrainRate (priority: number): number {
    return this.#signals.drainRate - sum(this.#signals.arrivalRateByPriority.slice(0, priority))
  }

  #updateRates (sample: QueueSample, now: number): void {
    const previous = this.#previous
    this.#previous = { sample, at: now }
    if (previous === undefined || now <= previous.at) return
    const elapsedMs = now - previous.at
    const perSecond = (events: number) => Math.max(0, events) * 1000 / elapsedMs
    const finishedRate = perSecond(sample.finished - previous.sample.finished)
    // Workers that run out of events show how much came in, not how fast they are: that can raise the estimate, never lower it.
    const hadWork = sum(previous.sample.depthByPriority) > 0 && sum(sample.depthByPriority) > 0
    if (hadWork || finishedRate > (this.#drainRate ?? 0)) this.#drainRate = smoothRate(this.#drainRate, finishedRate, elapsedMs)
    this.#arrivalRates = this.#arrivalRates.map((rate, priority) => smoothRate(
      rate, perSecond((sample.enqueuedByPriority[priority] ?? 0) - (previous.sample.enqueuedByPriority[priority] ?? 0)), elapsedMs
    ))
  }
}
