/*
 * Decides which offers are admitted. Two inputs with different rhythms meet here:
 *
 *   update(sample)  every sample interval: moves the circuit, the rates, the signals
 *   judge(offer)    every event: compares numbers that are already in memory
 *
 * Between two samples the controller adds what this process admitted itself, and as much for the other replicas as its
 * share of all admissions says, so that a burst shorter than a sample interval cannot pass a threshold unseen.
 */
import {
  causeOfState, nextCircuitState, reachedDepth, worseState, type CircuitCause, type Circuits, type CircuitState
} from './circuit.ts'
import type { Share } from './admission-share.ts'
import { BYTES_CLOSE_SHARE, byteThresholds, capacityBytesOf, DERIVED_LIMITS, type ByteLimits } from './memory.ts'
import type { Offer } from './offer.ts'
import type { NamedPolicy, Retry } from './policy.ts'
import type { Modes } from './mode.ts'
import { ALL_ENFORCED, PolicyChain, type NamedObjection, type Verdict } from './policy-chain.ts'
import { PRIORITY_SLOTS } from './priority-class.ts'
import { QueueRates } from './queue-rates.ts'
import { retryAfterSeconds, retryAfterTime } from './retry-after.ts'
import { SinceSample } from './since-sample.ts'
import type { Load, MemorySignals, QueueSample, Relief, Signals } from './signals.ts'
import { sum } from './sum.ts'
import type { Thresholds } from './thresholds.ts'
import { secondsToFall } from './time-to-drain.ts'

const NOTHING = Object.freeze({ count: 0, bytes: 0 })

export interface ControllerOptions {
  /** In force until a reading brings others. */
  thresholds: Thresholds
  /** Derived from the capacity of the store if absent. */
  byteLimits?: ByteLimits
  policies: readonly NamedPolicy[]
  /** The share of this replica in what all replicas admit; 1 if absent. */
  share?: Share
  /** Milliseconds of the clock that later arguments named `now` use. */
  now: number
}

/** The facts besides the signals that decisions depend on. */
export interface Circumstances {
  readonly isProcessOverloaded: boolean
  /** Share of the budget for bodies in flight with the body of the offer; 0 once it has been read. */
  readonly bodyShare: number
  /** Milliseconds since the queue was last read, while it cannot be. */
  readonly absentMs?: number | undefined
  readonly modes: Modes
  /** Whether the event may wait on local disk. */
  readonly canSpool: boolean
}

const CALM: Circumstances = Object.freeze({
  isProcessOverloaded: false, bodyShare: 0, modes: ALL_ENFORCED, canSpool: false
})

export interface CircuitTransition {
  readonly from: CircuitState
  readonly to: CircuitState
  /** The measure that moved the circuit. */
  readonly cause: CircuitCause
  readonly depth: number
  readonly bytes: number
}

const CLOSED_CIRCUITS: Circuits = Object.freeze({ depth: 'CLOSED', bytes: 'CLOSED' })

export class AdmissionController {
  /** The policies, which the gate charges and resets. */
  readonly policies: PolicyChain
  #signals: Signals
  readonly #byteLimits: ByteLimits
  #rates = new QueueRates()
  #since: SinceSample

  constructor ({ thresholds, byteLimits = DERIVED_LIMITS, policies, share, now }: ControllerOptions) {
    this.#since = new SinceSample(share)
    this.#byteLimits = byteLimits
    this.policies = new PolicyChain(policies)
    this.#signals = {
      takenAt: now,
      isDepthKnown: false,
      depth: 0,
      depthByPriority: Array.from({ length: PRIORITY_SLOTS }, () => 0),
      arrivalRateByPriority: Array.from({ length: PRIORITY_SLOTS }, () => 0),
      drainRate: 0,
      capacityPerSecond: undefined,
      waits: undefined,
      memory: { usedBytes: 0, capacityBytes: undefined, thresholds: undefined, restBytes: 0 },
      thresholds,
      shedding: undefined,
      kept: undefined,
      preShed: undefined,
      fairShares: undefined,
      refusedMs: undefined,
      circuitState: 'CLOSED',
      circuits: CLOSED_CIRCUITS,
      circuitSince: now
    }
  }

  /** Returns a copy in the same state that asks other policies. */
  fork (policies: readonly NamedPolicy[]): AdmissionController {
    const { thresholds, takenAt: now } = this.#signals
    const copy = new AdmissionController({ thresholds, byteLimits: this.#byteLimits, policies, now })
    copy.#signals = this.#signals
    copy.#rates = this.#rates.copy()
    copy.#since = this.#since.copy()
    return copy
  }

  get signals (): Signals { return this.#signals }

  /** Depth of the last sample plus what this process admitted since. */
  get depth (): number { return this.#signals.depth + this.#since.count }

  /** The same in bytes that the store holds. */
  get bytes (): number { return this.#signals.memory.usedBytes + this.#since.bytes }

  /** Depth of the last sample plus what all replicas admitted since: this one, and the others in proportion. */
  get #countedDepth (): number {
    const { depth, thresholds: { hardLimit } } = this.#signals
    return this.#since.depthWithOthers(depth, hardLimit)
  }

  get #countedBytes (): number {
    const { usedBytes, thresholds } = this.#signals.memory
    return this.#since.bytesWithOthers(usedBytes, thresholds?.hardLimit ?? Infinity)
  }

  /**
   * Adopts a reading of the queue and returns the step of the circuit, if there is one.
   *
   * @param after events, and their bytes, that this process admitted and that the reading cannot contain yet
   * @param thresholds in force from now on
   * @param relief in force from now on; `hasFollowed`: the circuit has just been moved elsewhere, and stays as it is
   */
  update (
    sample: QueueSample, now: number, after: { count: number, bytes: number } = NOTHING,
    thresholds: Thresholds = this.#signals.thresholds,
    {
      capacityPerSecond, waits, shedding, kept, preShed, fairShares, refusedMs, hasFollowed = false
    }: Relief & { readonly hasFollowed?: boolean } = {}
  ): CircuitTransition | undefined {
    this.#rates.update(sample, now)
    const { circuitState: from, circuits: last, isDepthKnown, takenAt } = this.#signals
    const depth = sum(sample.depthByPriority)
    const reached = reachedDepth(last.depth, depth, isDepthKnown ? this.#countedDepth : 0, thresholds)
    const memory = this.#memoryOf(sample, depth)
    const circuits: Circuits = hasFollowed ? last : {
      depth: nextCircuitState(last.depth, reached, thresholds),
      bytes: memory.thresholds === undefined
        ? 'CLOSED'
        : nextCircuitState(last.bytes, memory.usedBytes, memory.thresholds, BYTES_CLOSE_SHARE)
    }
    const to = worseState(circuits.depth, circuits.bytes)
    this.#since.restart(after, now - takenAt)
    this.#signals = {
      takenAt: now,
      isDepthKnown: true,
      depth,
      depthByPriority: sample.depthByPriority,
      arrivalRateByPriority: this.#rates.arrivals,
      drainRate: this.#rates.drain,
      capacityPerSecond,
      waits,
      memory,
      thresholds,
      shedding,
      kept,
      preShed,
      fairShares,
      refusedMs,
      circuitState: to,
      circuits,
      circuitSince: to === from ? this.#signals.circuitSince : now
    }
    if (to === from) return undefined
    // The cause of a step back is the measure that held the circuit in its last state.
    const cause = causeOfState(worseState(from, to) === to ? circuits : last) ?? 'depth'
    return { from, to, cause, depth: to === 'OPEN' ? Math.round(reached) : depth, bytes: memory.usedBytes }
  }

  /** Records that the queue cannot be read: its depth is unknown from now on, which never means empty. */
  lose (): void {
    if (!this.#signals.isDepthKnown) return
    this.#rates.lose()
    this.#signals = { ...this.#signals, isDepthKnown: false }
  }

  /** Puts the circuit into a state from outside. */
  force (circuitState: CircuitState, now: number): void {
    const { circuitState: from, circuitSince } = this.#signals
    this.follow({ depth: circuitState, bytes: 'CLOSED' }, circuitState === from ? circuitSince : now)
  }

  /** Adopts the circuits of other replicas, which have been in their state since a time of the caller's clock. */
  follow (circuits: Circuits, circuitSince: number): void {
    this.#signals = {
      ...this.#signals, circuits, circuitState: worseState(circuits.depth, circuits.bytes), circuitSince
    }
  }

  /** Moves the circuit as a reading of this depth would: an event was refused because the queue had become so deep. */
  reach (depth: number, now: number): CircuitTransition | undefined {
    const { circuits: last, circuitState: from, thresholds, memory: { usedBytes } } = this.#signals
    const circuits = { ...last, depth: nextCircuitState(last.depth, depth, thresholds) }
    if (circuits.depth === last.depth) return undefined
    const to = worseState(circuits.depth, circuits.bytes)
    this.follow(circuits, to === from ? this.#signals.circuitSince : now)
    return to === from ? undefined : { from, to, cause: 'depth', depth, bytes: usedBytes }
  }

  /** Asks the policies about an offer; undefined if none objects. */
  judge (
    offer: Offer, { isProcessOverloaded, bodyShare, absentMs, modes, canSpool }: Circumstances = CALM
  ): Verdict | undefined {
    const load: Load = {
      signals: this.#signals, depth: this.#countedDepth, bytes: this.#countedBytes, isProcessOverloaded, bodyShare,
      absentMs
    }
    return this.policies.judge(offer, load, modes, canSpool)
  }

  /** Returns the objection to an offer for which the queue had no room at this depth; undefined if there is none. */
  objectionAtDepth (offer: Offer, depth: number): NamedObjection | undefined {
    const load = { signals: this.#signals, depth, bytes: this.#countedBytes, isProcessOverloaded: false, bodyShare: 0 }
    return this.policies.objectionAtDepth(offer, load)
  }

  /**
   * Seconds after which an offer of this priority would be admitted; undefined if it never will be.
   *
   * @param random uniform in [0, 1), spreads the waits of producers
   */
  retryAfterSeconds (retry: Retry, priority: number, random: number): number | undefined {
    if (retry === 'never') return undefined
    if ('afterMs' in retry) return retryAfterTime(retry.afterMs, random)
    // At exactly the threshold, one event has to leave before the next is admitted.
    const excess = Math.max(1, this.#countedDepth - retry.belowDepth)
    return retryAfterSeconds(secondsToFall(excess, priority, this.#signals), random)
  }

  /** Records admitted events and their bytes, so that the next decision sees them before the next sample does. */
  recordAdmitted (count: number, bytes = 0): void {
    this.#since.record(count, bytes)
  }

  #memoryOf ({ memory }: QueueSample, depth: number): MemorySignals {
    const { restBytes } = this.#signals.memory
    if (memory === undefined) return { usedBytes: 0, capacityBytes: undefined, thresholds: undefined, restBytes }
    return {
      usedBytes: memory.usedBytes,
      capacityBytes: capacityBytesOf(memory),
      thresholds: byteThresholds(memory, this.#byteLimits),
      restBytes: depth === 0 ? memory.usedBytes : Math.min(restBytes, memory.usedBytes)
    }
  }
}
