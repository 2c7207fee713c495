/*
 * The admission controller at work in this process. The pure controller judges; the gate gives it the time and the mode,
 * hands out permits, counts every decision, and keeps the circuit in step with the other replicas.
 */
import { AdmissionLog, type AdmissionLogger } from './admission-log.ts'
import { CIRCUIT_STATES, worseState, type Circuits, type CircuitState } from './circuit.ts'
import type { AdmissionController } from './controller.ts'
import type { AdmissionCounters } from './counters.ts'
import { InTransit } from './in-transit.ts'
import type { MemoryReading } from './memory.ts'
import { isAdmissionMode, type AdmissionMode } from './mode.ts'
import { internalOffer, type Offer } from './offer.ts'
import { Permit, type Route, type Settlement } from './permit.ts'
import type { PermitOutcome } from './policy.ts'
import type { Modes, Verdict } from './policy-chain.ts'
import { HIGHEST_PRIORITY, type PriorityClass } from './priority-class.ts'
import type { Refusal, RefusalKind } from './refusal.ts'
import { retryAfterTime } from './retry-after.ts'
import type { Signals } from './signals.ts'

export interface GateOptions {
  controller: AdmissionController
  /** The mode of load and queue unless an operator sets another one for all replicas. */
  mode: AdmissionMode
  isProcessOverloaded: () => boolean
  /** Milliseconds since the epoch. */
  now: () => number
  /** Uniform in [0, 1). */
  random: () => number
  log: AdmissionLogger
  counters: AdmissionCounters
  /** Whether an error of the queue means that Redis was reached and takes no writes. */
  isWriteRefusal: (error: unknown) => boolean
  /** Gets each step that the circuit takes here, so that replicas that start later can join it. */
  onTransition: (circuits: Circuits) => void
  /** Takes events that the queue cannot take; without one they are refused. */
  spool?: SpoolSide | undefined
}

/** The spool as far as admission knows it. */
export interface SpoolSide {
  /** Classes that are spooled without being asked when the queue cannot take them. */
  readonly classes: ReadonlySet<PriorityClass>
  /** False while it is full or its folder cannot be written. */
  readonly canWrite: boolean
}

/** A reading of the queue as far as admission needs it. */
export interface GateReading {
  readonly depthByPriority: readonly number[]
  readonly enqueuedByPriority: readonly number[]
  readonly done: number
  readonly dead: number
  readonly memory: MemoryReading
  readonly control: Readonly<Record<string, string>>
}

/** The reason of an event that its producer wanted on local disk, which cannot take it. */
export const SPOOL_UNAVAILABLE = 'spool-unavailable'

/**
 * Fields of the shared control record: the circuit state, that of bytes alone, the count of resets, and the mode that an
 * operator set, empty for none.
 */
export const CIRCUIT_FIELD = 'circuit'
export const BYTES_CIRCUIT_FIELD = 'circuit-bytes'
export const RESETS_FIELD = 'resets'
export const MODE_FIELD = 'mode'

const OUTCOMES: Readonly<Record<Settlement, PermitOutcome>> = {
  enqueued: 'stored', spooled: 'stored', duplicate: 'duplicate', invalid: 'duplicate', lost: 'lost'
}

export class AdmissionGate {
  /** Events that were admitted here and that the last reading cannot contain. */
  readonly inTransit = new InTransit()
  readonly #options: GateOptions
  readonly #log: AdmissionLog
  #mode: AdmissionMode
  #modes: Modes
  #refusedCount = 0
  #seenResets: string | undefined
  #hasJoined = false
  #refusesWrites = false
  #nextSignals = Promise.withResolvers<void>()

  constructor (options: GateOptions) {
    this.#options = options
    this.#log = new AdmissionLog(options.log)
    this.#mode = options.mode
    this.#modes = modesOf(options.mode)
  }

  /** The mode of load and queue in force: the one that an operator set for all replicas, else the configured one. */
  get mode (): AdmissionMode { return this.#mode }

  get signals (): Signals { return this.#options.controller.signals }

  /** Events in the queue as far as this process knows, those it has admitted since the last sample included. */
  get depth (): number { return this.#options.controller.depth }

  /** The same in bytes that Redis holds. */
  get bytes (): number { return this.#options.controller.bytes }

  /** Whether this process is late, or its heap full. */
  get isProcessOverloaded (): boolean { return this.#options.isProcessOverloaded() }

  /** Offers refused here since the start or the last reset; in observe mode those that would have been. */
  get rejectedCount (): number { return this.#refusedCount }

  /** Whether events can be stored at all: the queue can be read and even a critical event would not be refused. */
  get canStore (): boolean {
    return this.signals.isDepthKnown && this.#options.controller.judge(internalOffer(HIGHEST_PRIORITY)) === undefined
  }

  /** Whether critical events can be spooled while the queue is away. */
  get canSpool (): boolean { return this.#canSpool('critical') }

  /** Whether Redis was reached and takes no writes, since the queue was last read. */
  get refusesWrites (): boolean { return this.#refusesWrites }

  /** How long ago the signals were taken, in milliseconds. */
  get signalsAgeMs (): number { return Math.max(0, this.#options.now() - this.signals.takenAt) }

  get circuitAgeMs (): number { return Math.max(0, this.#options.now() - this.signals.circuitSince) }

  /** Resolves with the next reading of the queue, or when it is lost. */
  async nextSignals (): Promise<void> {
    await this.#nextSignals.promise
  }

  /** Refuses a request whose body has not been read, or returns undefined when it may go on; only refusals are counted. */
  refuseUnread (offer: Offer, bodyShare = 0): Refusal | undefined {
    const verdict = this.#judge(offer, bodyShare)
    return verdict?.effect === 'refuse' ? this.#refuse(offer, this.#refusal(offer, verdict)) : undefined
  }

  /**
   * Decides on an event and counts the decision.
   *
   * @param wantsSpool the producer asked for local disk
   */
  admit (offer: Offer, wantsSpool = false): Permit | Refusal {
    const { controller, counters, spool } = this.#options
    const verdict = this.#judge(offer)
    if (verdict?.effect === 'refuse') return this.#refuse(offer, this.#refusal(offer, verdict))
    // Depth unknown means that the queue is away as far as anybody knows: an event that may wait on disk does so.
    const isDiverted = verdict?.effect === 'spool' || (!this.signals.isDepthKnown && this.#canSpool(offer.priorityClass))
    if (wantsSpool && !isDiverted && spool?.canWrite !== true) return this.refuse(offer, SPOOL_UNAVAILABLE, 'queue')
    counters.offered(offer)
    if (verdict?.effect === 'observe') this.#countRefused(offer, this.#refusal(offer, verdict), false)
    counters.admitted(offer)
    controller.policies.admitted(offer)
    if (isDiverted || wantsSpool) return new Permit(offer, 'spool', this.#settled)
    this.noteAdmitted(1, offer.bytes)
    return new Permit(offer, 'queue', this.#settled)
  }

  /** Returns the permit of an event that repeats another one: it is counted, and nothing is charged for it. */
  repeat (offer: Offer): Permit {
    this.#options.counters.offered(offer)
    return new Permit(offer, undefined, this.#settled)
  }

  /** Refuses an offer for a reason that is no policy's, and counts that. */
  refuse (offer: Offer, reason: string, kind: RefusalKind = 'load'): Refusal {
    return this.#refuse(offer, this.#soon(kind, reason))
  }

  /** Settles the permit of an event that could not be stored, or about which that is not known, and refuses the event. */
  refuseUnstored (permit: Permit, reason: string, mayBeStored = false): Refusal {
    permit.settle('lost')
    const refusal = this.#soon('queue', reason, mayBeStored)
    this.#countRefused(permit.offer, refusal, true)
    return refusal
  }

  /** Counts an event that is not valid. */
  countInvalid (): void {
    this.#options.counters.invalid()
  }

  /**
   * The route of an internal event of this priority, or its refusal with the shortest wait that would be told. Nothing is
   * counted.
   */
  preview (priority: number): Route | Refusal {
    const offer = internalOffer(priority)
    const verdict = this.#judge(offer)
    if (verdict?.effect === 'refuse' || verdict?.effect === 'observe') return this.#refusal(offer, verdict, 0)
    return verdict !== undefined || (!this.signals.isDepthKnown && this.#canSpool(offer.priorityClass)) ? 'spool' : 'queue'
  }

  /** The reason for which an internal event of this priority would be kept out of the queue now; nothing is counted. */
  refusalReason (priority: number): string | undefined {
    return this.#options.controller.judge(internalOffer(priority), {
      isProcessOverloaded: this.#options.isProcessOverloaded(), bodyShare: 0, modes: this.#modes, canSpool: false
    })?.reason
  }

  /** Whether an internal event of this priority would be admitted to the queue now; nothing is counted. */
  wouldAdmit (priority: number): boolean {
    return this.signals.isDepthKnown && this.preview(priority) === 'queue'
  }

  /** Counts events that go into the queue before the next reading has them. `inTransit` has to learn when they are sent. */
  noteAdmitted (count: number, bytes = 0): void {
    this.inTransit.noteAdmitted(count, bytes)
    this.#options.controller.noteAdmitted(count, bytes)
  }

  /** Takes in a new reading of the queue. */
  observe (reading: GateReading): void {
    const { controller, now, onTransition } = this.#options
    this.#refusesWrites = false
    this.#join(reading.control)
    const at = now()
    const { circuits: before } = controller.signals
    const transition = controller.update({
      depthByPriority: reading.depthByPriority,
      enqueuedByPriority: reading.enqueuedByPriority,
      finished: reading.done + reading.dead,
      memory: reading.memory
    }, at, this.inTransit)
    const { circuits } = controller.signals
    this.#log.observed(controller.signals, transition, this.#refusedCount, at)
    if (circuits.depth !== before.depth || circuits.bytes !== before.bytes) onTransition(circuits)
    this.#announceSignals()
  }

  /** The queue cannot be read any more. */
  lose (error: Error): void {
    this.noteFailure(error)
    this.#options.controller.lose()
    this.#log.lost(error, this.#options.now())
    this.#announceSignals()
  }

  /** Learns from a reading or a write that failed whether Redis is there and takes no writes. */
  noteFailure (error: unknown): void {
    this.#refusesWrites ||= this.#options.isWriteRefusal(error)
  }

  /** Closes the circuit and puts the counters to zero in this process. */
  reset (): void {
    this.#options.controller.force('CLOSED', this.#options.now())
    this.#refusedCount = 0
    this.#options.controller.policies.reset()
    this.#options.counters.reset()
    this.#log.reset()
  }

  /** A replica that starts joins the circuit as the others have it; one that runs follows a reset made on another. The mode is what all were told. */
  #join (control: Readonly<Record<string, string>>): void {
    const resets = control[RESETS_FIELD]
    const shared = control[CIRCUIT_FIELD] as CircuitState | undefined
    const mode = control[MODE_FIELD]
    this.#mode = isAdmissionMode(mode) ? mode : this.#options.mode
    this.#modes = modesOf(this.#mode)
    if (!this.#hasJoined) {
      this.#hasJoined = true
      if (shared !== undefined && CIRCUIT_STATES.includes(shared)) {
        this.#options.controller.force(shared, this.#options.now(), bytesCircuitOf(control, shared))
      }
    } else if (resets !== this.#seenResets) {
      this.reset()
    }
    this.#seenResets = resets
  }

  #announceSignals (): void {
    this.#nextSignals.resolve()
    this.#nextSignals = Promise.withResolvers<void>()
  }

  #judge (offer: Offer, bodyShare = 0): Verdict | undefined {
    return this.#options.controller.judge(offer, {
      isProcessOverloaded: this.#options.isProcessOverloaded(),
      bodyShare,
      modes: this.#modes,
      canSpool: this.#canSpool(offer.priorityClass)
    })
  }

  #canSpool (priorityClass: PriorityClass): boolean {
    const { spool } = this.#options
    return spool !== undefined && spool.classes.has(priorityClass) && spool.canWrite
  }

  #refusal ({ priority }: Offer, { reason, objection: { kind, retry } }: Verdict, random = this.#options.random()): Refusal {
    return { kind, reason, retryAfterSeconds: this.#options.controller.retryAfterSeconds(retry, priority, random) }
  }

  /** A refusal whose reason passes as soon as anybody knows. */
  #soon (kind: RefusalKind, reason: string, mayBeStored = false): Refusal {
    const retryAfterSeconds = retryAfterTime(0, this.#options.random())
    return { kind, reason, retryAfterSeconds, ...(mayBeStored && { mayBeStored }) }
  }

  #refuse (offer: Offer, refusal: Refusal): Refusal {
    this.#options.counters.offered(offer)
    this.#countRefused(offer, refusal, true)
    return refusal
  }

  #countRefused (offer: Offer, refusal: Refusal, isEnforced: boolean): void {
    this.#refusedCount++
    this.#options.counters.refused(offer, refusal, isEnforced)
  }

  readonly #settled = ({ offer, route }: Permit, settlement: Settlement): void => {
    const { controller, counters } = this.#options
    if (route !== undefined) controller.policies.settled(offer, OUTCOMES[settlement])
    if (settlement !== 'lost') counters.settled(offer, settlement)
  }
}

/** Operators set the mode of load and queue. Quotas and permissions are enforced. */
function modesOf (mode: AdmissionMode): Modes {
  return { load: mode, queue: mode, quota: 'true', forbidden: 'true' }
}

/** A reset leaves what was written of bytes: it is never worse than the circuit. */
function bytesCircuitOf (control: Readonly<Record<string, string>>, circuit: CircuitState): CircuitState {
  const bytes = control[BYTES_CIRCUIT_FIELD] as CircuitState
  return CIRCUIT_STATES.includes(bytes) && worseState(bytes, circuit) === circuit ? bytes : 'CLOSED'
}
