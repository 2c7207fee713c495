/*
 * The knowledge of this process for admission: the signals of the last reading, the circuit, which it keeps in step
 * with the other replicas, and the mode in force. The gate makes the decisions.
 */
import type { AdmissionShare } from './admission-share.ts'
import { AdmissionLog, type AdmissionLogger } from './admission-log.ts'
import { CircuitSteps, type AskForStep } from './circuit-steps.ts'
import type { AdmissionController, CircuitTransition } from './controller.ts'
import { InTransit } from './in-transit.ts'
import type { MemoryReading } from './memory.ts'
import { modesOf, type AdmissionMode, type Modes } from './mode.ts'
import type { NamedPolicy } from './policy.ts'
import type { PolicyChain } from './policy-chain.ts'
import type { Shadow } from './shadow.ts'
import type { QueueSample, Relief, Signals } from './signals.ts'
import type { Thresholds } from './thresholds.ts'

export interface AdmissionStateOptions {
  controller: AdmissionController
  /** The mode of load and queue until a reading brings another one. */
  mode: AdmissionMode
  /** Counts events that this process admitted and that the last reading cannot contain; created if absent. */
  inTransit?: InTransit
  /** Learns what this process admits, for its share of what all replicas admit. */
  share?: AdmissionShare
  isProcessOverloaded: () => boolean
  /** Milliseconds of a clock that nobody sets: rates, ages and the intervals of log lines follow from it. */
  now: () => number
  /** Milliseconds since the epoch, to show when something happened; `now` if absent. */
  wall?: () => number
  log: AdmissionLogger
  /** Whether an error of the queue means that Redis is reachable and accepts no writes. */
  isWriteRefusal: (error: unknown) => boolean
  /** Asks for a step of the circuit that all replicas share; without it the steps of this process count at once. */
  askForStep?: AskForStep
  /** Receives each change of the circuit that this process has recorded. */
  onTransition?: (transition: CircuitTransition) => void
}

/** A reading of the queue as far as admission needs it. */
export interface AdmissionReading {
  readonly redisTimeMs: number
  readonly depthByPriority: readonly number[]
  readonly enqueuedByPriority: readonly number[]
  readonly done: number
  readonly dead: number
  readonly expired: number
  readonly memory: MemoryReading
  readonly control: Readonly<Record<string, string>>
}

/** The settings that are in force with a reading. */
export interface AdmissionSettings extends Relief {
  readonly mode: AdmissionMode
  readonly thresholds: Thresholds
}

/** The field of the shared control record that counts resets. */
export const RESETS_FIELD = 'resets'

/** The figures of a reading that the controller looks at. */
export function sampleOf ({ depthByPriority, enqueuedByPriority, done, dead, memory }: AdmissionReading): QueueSample {
  return { depthByPriority, enqueuedByPriority, finished: done + dead, memory }
}

export abstract class AdmissionState {
  /** Events that this process admitted and that the last reading cannot contain. */
  readonly inTransit: InTransit
  /** Settings that are tried beside those in force, if operators try any. It sees each decision and changes none. */
  shadow: Shadow | undefined
  readonly #options: AdmissionStateOptions
  readonly #log: AdmissionLog
  readonly #steps: CircuitSteps
  #mode: AdmissionMode
  #modes: Modes
  #refusedCount = 0
  #seenResets: string | undefined
  #hasJoined = false
  #refusesWrites = false
  #nextSignals = Promise.withResolvers<void>()
  #readAt: number
  #circuitChanged: { readonly since: number, readonly at: number }

  constructor (options: AdmissionStateOptions) {
    this.#options = options
    this.inTransit = options.inTransit ?? new InTransit()
    this.inTransit.onContained = (count, bytes) => this.#count(-count, -bytes)
    this.#log = new AdmissionLog(options.log)
    const { controller, now, askForStep: ask, onTransition = () => {} } = options
    this.#steps = new CircuitSteps({ controller, log: this.#log, now, ask, onTransition })
    this.#mode = options.mode
    this.#modes = modesOf(options.mode)
    this.#readAt = this.#wall()
    this.#circuitChanged = { since: this.signals.circuitSince, at: this.#readAt }
  }

  /** The mode of load and queue in force. */
  get mode (): AdmissionMode { return this.#mode }

  get policies (): PolicyChain { return this.#options.controller.policies }

  get signals (): Signals { return this.#options.controller.signals }

  /** Events in the queue as far as this process knows, including those it admitted since the last sample. */
  get depth (): number { return this.#options.controller.depth }

  /** The same in bytes that Redis holds. */
  get bytes (): number { return this.#options.controller.bytes }

  /** Whether the event loop or the heap of this process is beyond its limit. */
  get isProcessOverloaded (): boolean { return this.#options.isProcessOverloaded() }

  /** Offers refused here since the start or the last reset; in observe mode those that would have been. */
  get rejectedCount (): number { return this.#refusedCount }

  /** Whether Redis has refused writes since the queue was last read. */
  get refusesWrites (): boolean { return this.#refusesWrites }

  /** The age of the signals, in milliseconds. */
  get signalsAgeMs (): number { return Math.max(0, this.#options.now() - this.signals.takenAt) }

  get circuitAgeMs (): number { return Math.max(0, this.#options.now() - this.signals.circuitSince) }

  /** When the queue was last read, in milliseconds since the epoch as the wall clock showed it then. */
  get readAt (): number { return this.#readAt }

  /** When the circuit entered its state, in the same way. */
  get circuitChangedAt (): number { return this.#circuitChanged.at }

  /** Resolves with the next reading of the queue, or when it is lost. */
  async nextSignals (): Promise<void> {
    await this.#nextSignals.promise
  }

  /** Counts admitted events that no reading contains yet. The caller tells `inTransit` when they are sent. */
  recordAdmitted (count: number, bytes = 0): void {
    this.inTransit.recordAdmitted(count, bytes)
    this.#count(count, bytes)
    this.#options.share?.recordAdmitted(count)
  }

  /**
   * Adopts a new reading of the queue, and the settings in force from now on; without settings, the present ones stay.
   */
  observe (reading: AdmissionReading, settings?: AdmissionSettings): void {
    const { controller, now } = this.#options
    this.#refusesWrites = false
    if (settings !== undefined && settings.mode !== this.#mode) {
      this.#mode = settings.mode
      this.#modes = modesOf(settings.mode)
    }
    this.#followResets(reading.control)
    const hasFollowed = this.#steps.join(reading.control, reading.redisTimeMs)
    const at = now()
    const transition = controller.update(sampleOf(reading), at, this.inTransit, settings?.thresholds, {
      ...settings, hasFollowed
    })
    this.#readAt = this.#wall()
    this.#noteChange()
    this.#steps.record(transition, reading.redisTimeMs)
    this.#log.observed(controller.signals, this.#refusedCount, at)
    this.#announceSignals()
  }

  /** Follows a move of the circuit by another process, before the next reading. */
  hearMove (control: Readonly<Record<string, string>>, redisTimeMs: number): void {
    this.#steps.hear(control, redisTimeMs)
    this.#noteChange()
  }

  /** Returns a copy of the controller in its present state that asks other policies. */
  fork (policies: readonly NamedPolicy[]): AdmissionController {
    return this.#options.controller.fork(policies)
  }

  /** Records that the queue cannot be read any more. */
  lose (error: Error): void {
    this.recordFailure(error)
    this.#options.controller.lose()
    this.#log.lost(error, this.#options.now())
    this.#announceSignals()
  }

  /** Learns from a failed reading or write whether Redis is reachable and refuses writes. */
  recordFailure (error: unknown): void {
    this.#refusesWrites ||= this.#options.isWriteRefusal(error)
  }

  /** Closes the circuit and sets the counters of this process to zero. */
  reset (): void {
    this.#options.controller.force('CLOSED', this.#options.now())
    this.#noteChange()
    this.#options.controller.policies.reset()
    this.#refusedCount = 0
    this.shadow?.reset(this.#options.now())
    this.#log.reset()
  }

  /** The mode of each kind of refusal. */
  protected get modes (): Modes { return this.#modes }

  protected countRefused (): void {
    this.#refusedCount++
  }

  /** Opens the circuit at once if it has to: Redis has found the queue this deep, and had no room for an event. */
  protected reach (depth: number): void {
    const { controller, now } = this.#options
    this.#steps.record(controller.reach(depth, now()))
    this.#noteChange()
  }

  /** A running replica follows a reset made on another; one that starts has nothing to reset. */
  #followResets (control: Readonly<Record<string, string>>): void {
    const resets = control[RESETS_FIELD]
    if (this.#hasJoined && resets !== this.#seenResets) this.reset()
    this.#hasJoined = true
    this.#seenResets = resets
  }

  #count (count: number, bytes: number): void {
    this.#options.controller.recordAdmitted(count, bytes)
    this.shadow?.controller.recordAdmitted(count, bytes)
  }

  #noteChange (): void {
    const { circuitSince: since } = this.signals
    if (since === this.#circuitChanged.since) return
    this.#circuitChanged = { since, at: this.#wall() - Math.max(0, this.#options.now() - since) }
  }

  #wall (): number { return (this.#options.wall ?? this.#options.now)() }

  #announceSignals (): void {
    this.#nextSignals.resolve()
    this.#nextSignals = Promise.withResolvers<void>()
  }
}
