/*
 * Runs the shadow of a service: a second control and a second controller on the same readings, with other settings. The
 * shadow starts in the state of the live ones, so it differs only by what its settings do from then on.
 */
import { sampleOf, type AdmissionReading } from '../admission/admission-state.ts'
import type { Fairness } from '../admission/fairness.ts'
import type { AdmissionGate } from '../admission/gate.ts'
import type { AdmissionMode } from '../admission/mode.ts'
import type { NamedPolicy } from '../admission/policy.ts'
import { Shadow } from '../admission/shadow.ts'
import type { Thresholds } from '../admission/thresholds.ts'
import type { Control, ControlReading, ControlSettings } from './control.ts'
import { settingsInForce, type Ahead } from './in-force.ts'
import type { BalanceReading } from './shed-loop.ts'

/** The settings of a shadow as far as it needs them; policies find their parts by their names. */
export interface ShadowSettings {
  readonly backpressure: { readonly mode: AdmissionMode, readonly thresholds: Thresholds }
  readonly control: ControlSettings & { readonly forecast: 'off' | 'observe' | 'act' }
  readonly [part: string]: unknown
}

/** The settings to try, and the document that operators have written; with another one the shadow starts afresh. */
export interface Trial {
  readonly settings: ShadowSettings
  readonly document: unknown
}

export interface ShadowingOptions {
  readonly gate: AdmissionGate
  readonly control: Control
  /** Creates the policies of the shadow. */
  readonly createPolicies: (settingsOf: (policy: string) => object) => readonly NamedPolicy[]
  /** The measures that the forecast calls for. */
  readonly advised: () => Ahead | undefined
  /** Shares the capacity out between organizations, for live decisions too. */
  readonly fairness?: Fairness
  /** Uniform in [0, 1). */
  readonly random: () => number
}

export class Shadowing {
  readonly #options: ShadowingOptions
  #running: { readonly shadow: Shadow, readonly control: Control } | undefined
  #trial: Trial | undefined

  constructor (options: ShadowingOptions) {
    this.#options = options
  }

  get shadow (): Shadow | undefined { return this.#running?.shadow }

  get control (): Control | undefined { return this.#running?.control }

  get trial (): Trial | undefined { return this.#trial }

  /** Takes in a reading that the gate has taken in, and the settings to try; undefined ends the shadow. */
  observe (reading: AdmissionReading & ControlReading & BalanceReading, trial: Trial | undefined): void {
    if (trial === undefined && this.#trial === undefined) return
    const isSame = trial !== undefined && this.#running !== undefined &&
      trial.document === this.#trial?.document
    this.#trial = trial
    if (!isSame) this.#running = trial && this.#start(trial)
    else if (this.#running !== undefined) this.#follow(reading, this.#running, trial.settings)
    this.#options.gate.shadow = this.#running?.shadow
  }

  /** The queue cannot be read. */
  lose (): void {
    this.#running?.shadow.controller.lose()
    this.#running?.control.lose()
  }

  #start ({ settings: { backpressure: { mode } } }: Trial): { shadow: Shadow, control: Control } {
    const { gate, control, createPolicies, random } = this.#options
    const settings = () => (this.#trial as Trial).settings
    const policies = createPolicies((policy) => settings()[policy] as object | undefined ?? {})
    return {
      shadow: new Shadow({ controller: gate.fork(policies), mode, random, since: gate.readAt }),
      control: control.fork(() => settings().control)
    }
  }

  #follow (
    reading: AdmissionReading & ControlReading & BalanceReading,
    { shadow, control }: { shadow: Shadow, control: Control }, settings: ShadowSettings
  ): void {
    const { backpressure, control: { forecast } } = settings
    const { gate, advised, fairness } = this.#options
    const inForce = settingsInForce(reading, shadow.controller.signals, backpressure, {
      control, forecast: { observe: () => forecast === 'act' ? advised() : undefined },
      ...(fairness && {
        fairness: { sharesAt: (pressure, isShedding) => fairness.sharesAt(pressure, isShedding, settings) }
      })
    })
    shadow.observe(sampleOf(reading), gate.signals.takenAt, gate.inTransit, inForce)
  }
}
