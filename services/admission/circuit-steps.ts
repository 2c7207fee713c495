/*
 * The steps of the circuit in one process. The readings move the circuits of its controller; this keeps them in step
 * with the record that all replicas share (see shared-circuit.ts), and has each change logged by one of them: the one
 * whose step was recorded. If a step cannot be recorded, the process logs it itself.
 */
import type { AdmissionLog } from './admission-log.ts'
import { circuitRecordOf, type CircuitAnswer, type CircuitRecord, type CircuitStep } from './circuit-record.ts'
import type { AdmissionController, CircuitTransition } from './controller.ts'
import { SharedCircuit } from './shared-circuit.ts'

/** Asks for a step in the record; rejects if Redis does not answer or refuses writes. */
export type AskForStep = (step: CircuitStep) => Promise<CircuitAnswer>

export interface CircuitStepsOptions {
  controller: AdmissionController
  log: AdmissionLog
  /** Milliseconds of the clock of the signals. */
  now: () => number
  /** Absent in a process without a record: its steps count at once. */
  ask: AskForStep | undefined
  /** Receives each change of the published state that this process has recorded. */
  onTransition: (transition: CircuitTransition) => void
}

export class CircuitSteps {
  readonly #options: CircuitStepsOptions
  readonly #shared = new SharedCircuit()
  /** The last change of this process, until it asks for a record of it. */
  #own: CircuitTransition | undefined
  #hasJoined = false
  /** Whether this process has followed another one since its last reading. */
  #hasHeard = false

  constructor (options: CircuitStepsOptions) {
    this.#options = options
  }

  /**
   * Follows the record of a reading, before the reading itself may move the circuit. Returns whether a running process
   * has just followed another one: then it moves nothing with this reading. Otherwise each replica would take a further
   * step as soon as it sees the one before, and the circuit would pass a state before all have seen it.
   */
  join (control: Readonly<Record<string, string>>, redisTimeMs: number): boolean {
    const { circuitState } = this.#options.controller.signals
    this.#follow(this.#shared.observe(circuitRecordOf(control)), redisTimeMs)
    const hasFollowed = this.#hasHeard ||
      (this.#hasJoined && this.#options.controller.signals.circuitState !== circuitState)
    this.#hasJoined = true
    this.#hasHeard = false
    return hasFollowed
  }

  /** Follows a move of another process between two readings. The next reading moves nothing, as in `join`. */
  hear (control: Readonly<Record<string, string>>, redisTimeMs: number): void {
    const record = circuitRecordOf(control)
    if (record === undefined || !this.#hasJoined) return
    const { circuitState } = this.#options.controller.signals
    this.#follow(this.#shared.hear(record), redisTimeMs)
    this.#hasHeard ||= this.#options.controller.signals.circuitState !== circuitState
  }

  /**
   * Has the circuits of the controller recorded, if the record has others.
   *
   * @param transition the change that has just happened
   * @param readAt when its facts were read, milliseconds of the clock of Redis; undefined for facts of now
   */
  record (transition: CircuitTransition | undefined, readAt?: number): void {
    const { ask, controller } = this.#options
    this.#own = transition ?? this.#own
    if (ask === undefined) {
      this.#count(this.#takeOwn())
      return
    }
    const step = this.#shared.step(controller.signals.circuits, readAt)
    if (step !== undefined) void this.#ask(ask, step)
  }

  async #ask (ask: AskForStep, step: CircuitStep): Promise<void> {
    const own = this.#takeOwn()
    try {
      const answer = await ask(step)
      if (answer.isMoved) this.#count(own, answer.record?.epoch)
      this.#follow(this.#shared.answered(answer), answer.redisTimeMs)
    } catch {
      this.#shared.failed()
      this.#count(own)
    }
  }

  #takeOwn (): CircuitTransition | undefined {
    const own = this.#own
    this.#own = undefined
    return own
  }

  #count (transition: CircuitTransition | undefined, epoch?: number): void {
    if (transition === undefined) return
    this.#options.log.moved(transition, epoch)
    this.#options.onTransition(transition)
  }

  #follow (record: CircuitRecord | undefined, redisTimeMs: number): void {
    if (record === undefined) return
    this.#own = undefined
    const { controller, log, now } = this.#options
    const at = now()
    const { circuitSince, circuitState } = controller.signals
    const since = record.since === undefined ? circuitSince : Math.min(at, at - (redisTimeMs - record.since))
    controller.follow(record.circuits, since)
    const { circuitState: followed } = controller.signals
    if (followed !== circuitState) log.followed(followed, record.epoch)
  }
}
