/*
 * The admission controller at work in this process: the pure controller decides, the gate gives it the time, applies the
 * mode, counts every decision, and keeps the circuit in step with the other replicas.
 */
import type { Logger } from 'pino'
import { CIRCUIT_STATES, worseState, type Circuits, type CircuitState } from './circuit.ts'
import type { AdmissionController } from './controller.ts'
import { ADMITTED, type Decision, type Refusal } from './decision.ts'
import { priorityClass, type PriorityClass } from './priority-class.ts'
import type { Signals } from './signals.ts'
import { retryAfterSeconds } from './retry-after.ts'
import { HIGHEST_PRIORITY } from '../event/event.ts'
import { isWriteRefusal } from '../redis/outage.ts'
import type { QueueReading } from '../queue/reading.ts'
import { AdmissionLog } from './admission-log.ts'
import { InTransit } from './in-transit.ts'
import { isAdmissionMode, type AdmissionMode } from './mode.ts'

export interface GateOptions {
  controller: AdmissionController
  /** What is in force unless an operator sets another one for all replicas. */
  mode: AdmissionMode
  isProcessOverloaded: () => boolean
  /** Milliseconds since the epoch. */
  now: () => number
  /** Uniform in [0, 1). */
  random: () => number
  log: Logger
  /** Told of every decision, for metrics. `reason` is undefined for an admitted event. */
  onDecision: (priorityClass: PriorityClass, reason: string | undefined) => void
  /** Told of each step a circuit takes here, so that replicas that start later can join it. */
  onTransition: (circuits: Circuits) => void
  /** Told when the counters went back to zero. */
  onReset: () => void
  /** Where events go that the queue cannot take; without one they are refused. */
  spool?: SpoolSide | undefined
}

/** What the gate has to know of the spool. */
export interface SpoolSide {
  /** Classes that are spooled without being asked when the queue cannot take them. */
  readonly classes: ReadonlySet<PriorityClass>
  /** False while it is full or its folder cannot be written. */
  readonly canWrite: boolean
}

/** Where an admitted event goes. */
export type Route = 'queue' | 'spool'

/** Why an event is refused that was to be spooled, at the wish of its producer, and cannot be. */
export const SPOOL_UNAVAILABLE = 'spool-unavailable'

/** Fields of the shared control record: the circuit state, that of bytes alone, the count of resets, and the mode that an operator set, empty for none. */
export const CIRCUIT_FIELD = 'circuit'
export const BYTES_CIRCUIT_FIELD = 'circuit-bytes'
export const RESETS_FIELD = 'resets'
export const MODE_FIELD = 'mode'

export class AdmissionGate {
  /** Events that were admitted here and that the last reading cannot contain. */
  readonly inTransit = new InTransit()
  readonly #options: GateOptions
  readonly #log: AdmissionLog
  #mode: AdmissionMode
  #rejectedCount = 0
  #seenResets: string | undefined
  #hasJoined = false
  #refusesWrites = false
  #nextSignals = Promise.withResolvers<void>()

  constructor (options: GateOptions) {
    this.#options = options
    this.#log = new AdmissionLog(options.log)
    this.#mode = options.mode
  }

  /** What is in force: the mode that an operator set for all replicas, else that of the configuration. */
  get mode (): AdmissionMode { return this.#mode }

  get signals (): Signals { return this.#options.controller.signals }

  /** Events in the queue as far as this process knows, those it has admitted since the last sample included. */
  get depth (): number { return this.#options.controller.depth }

  /** The same in bytes that Redis holds. */
  get bytes (): number { return this.#options.controller.bytes }

  /** Whether this process is late, or its heap full. */
  get isProcessOverloaded (): boolean { return this.#options.isProcessOverloaded() }

  /** Events refused here since the start or the last reset; in observe mode those that would have been. */
  get rejectedCount (): number { return this.#rejectedCount }

  /** Whether events can be stored at all: the queue can be read and even a critical event would not be refused. */
  get canStore (): boolean {
    return this.signals.isDepthKnown && this.#options.controller.decide(HIGHEST_PRIORITY, false, () => 0).admitted
  }

  /** Whether Redis was reached and takes no writes, since the queue was last read. */
  get refusesWrites (): boolean { return this.#refusesWrites }

  /** How long ago the signals were taken, in milliseconds. */
  get signalsAgeMs (): number { return Math.max(0, this.#options.now() - this.signals.takenAt) }

  get circuitAgeMs (): number { return Math.max(0, this.#options.now() - this.signals.circuitSince) }

  /** Resolves with the next reading of the queue, or when it is lost. */
  async nextSignals (): Promise<void> {
    await this.#nextSignals.promise
  }

  /** Whether an event of this priority would be admitted to the queue now; nothing is counted. */
  wouldAdmit (priority: number): boolean {
    return this.signals.isDepthKnown && this.#decide(priority).admitted
  }

  /** Why an event of this priority would be refused now; undefined when it would not be. Nothing is counted. */
  refusalReason (priority: number): string | undefined {
    const decision = this.#decide(priority)
    return decision.admitted ? undefined : decision.reason
  }

  /**
   * Where an event of this priority would go now, or its refusal with the shortest wait that would be told. Nothing is
   * counted.
   */
  preview (priority: number): Route | Refusal {
    const decision = this.#decide(priority, () => 0)
    if (this.#isSpooled(decision, priority)) return 'spool'
    return decision.admitted ? 'queue' : decision
  }

  /**
   * Decides on one event that is offered now and counts the decision. An admitted event goes to the queue, unless the queue
   * cannot take it: then it is spooled, if its class is.
   *
   * @param wantsSpool the producer asked for local disk
   * @param bytes of the event, as far as they are known
   */
  admit (priority: number, wantsSpool = false, bytes = 0): Route | Refusal {
    const decision = this.#decide(priority)
    if (this.#isSpooled(decision, priority)) {
      this.#count(priority, ADMITTED)
      return 'spool'
    }
    this.#count(priority, decision)
    if (!decision.admitted && this.#mode === 'true') return decision
    if (wantsSpool) return this.#options.spool?.canWrite === true ? 'spool' : this.refuseUnstored(priority, SPOOL_UNAVAILABLE)
    if (!decision.admitted) this.#options.onDecision(priorityClass(priority), undefined)
    this.noteAdmitted(1, bytes)
    return 'queue'
  }

  /** Notes events that go into the queue, so that they count before the next reading has them. `inTransit` has to be told when they are sent. */
  noteAdmitted (count: number, bytes = 0): void {
    this.inTransit.noteAdmitted(count, bytes)
    this.#options.controller.noteAdmitted(count, bytes)
  }

  /** Whether critical events can be spooled while the queue is away. */
  get canSpool (): boolean {
    const { spool } = this.#options
    return spool !== undefined && spool.canWrite && spool.classes.has('critical')
  }

  /**
   * Answers the refusal of a request whose body has not been read, or undefined when it may go on. Only refusals are counted:
   * the events of a request that goes on are decided on one by one.
   *
   * @param bodyShare share of the budget for bodies in flight that is in use with the body of this request
   */
  refuseEarly (priority: number, bodyShare = 0): Refusal | undefined {
    if (this.#mode !== 'true') return undefined
    const decision = this.#decide(priority, this.#options.random, bodyShare)
    if (decision.admitted || this.#isSpooled(decision, priority)) return undefined
    this.#count(priority, decision)
    return decision
  }

  /** The refusal of an event that was admitted but could not be stored, or of which that is not known. */
  refuseUnstored (priority: number, reason: string, mayBeStored = false): Refusal {
    const retryAfter = retryAfterSeconds(0, 0, this.#options.random())
    const refusal: Refusal = {
      admitted: false, reason, retryAfterSeconds: retryAfter, ...(mayBeStored && { mayBeStored })
    }
    this.#count(priority, refusal)
    return refusal
  }

  /** Takes in a new reading of the queue. */
  observe (reading: QueueReading): void {
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
    this.#log.observed(controller.signals, transition, this.#rejectedCount, at)
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
    this.#refusesWrites ||= isWriteRefusal(error)
  }

  /** Closes the circuit and puts the counters to zero in this process. */
  reset (): void {
    this.#options.controller.force('CLOSED', this.#options.now())
    this.#rejectedCount = 0
    this.#options.onReset()
    this.#log.reset()
  }

  /** A replica that starts joins the circuit as the others have it; one that runs follows a reset made on another. The mode is what all were told. */
  #join (control: Readonly<Record<string, string>>): void {
    const resets = control[RESETS_FIELD]
    const shared = control[CIRCUIT_FIELD] as CircuitState | undefined
    const mode = control[MODE_FIELD]
    this.#mode = isAdmissionMode(mode) ? mode : this.#options.mode
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

  #decide (priority: number, random = this.#options.random, bodyShare = 0): Decision {
    if (this.#mode === 'false') return ADMITTED
    return this.#options.controller.decide(priority, this.#options.isProcessOverloaded(), random, bodyShare)
  }

  /** Depth unknown means that the queue is away as far as anybody knows: what may wait on disk does not wait for it. */
  #isSpooled (decision: Decision, priority: number): boolean {
    const { spool } = this.#options
    const isCalledFor = decision.admitted ? !this.signals.isDepthKnown : decision.isSpoolable === true
    return isCalledFor && spool !== undefined && spool.classes.has(priorityClass(priority)) && spool.canWrite
  }

  #count (priority: number, decision: Decision): void {
    if (decision.admitted) {
      this.#options.onDecision(priorityClass(priority), undefined)
    } else {
      this.#rejectedCount++
      this.#options.onDecision(priorityClass(priority), decision.reason)
    }
  }
}

/** A reset leaves what was written of bytes: it is never worse than the circuit. */
function bytesCircuitOf (control: Readonly<Record<string, string>>, circuit: CircuitState): CircuitState {
  const bytes = control[BYTES_CIRCUIT_FIELD] as CircuitState
  return CIRCUIT_STATES.includes(bytes) && worseState(bytes, circuit) === circuit ? bytes : 'CLOSED'
}
