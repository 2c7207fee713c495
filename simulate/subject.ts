/*
 * A subject decides who gets in: the admission of production, an algorithm of others, or a control. All run in the
 * same world. A subject sees an offer when it is made and a reading of the queue at every sample interval, as
 * production does, and nothing else.
 */
import type { AdmissionReading } from '../services/admission/admission-state.ts'
import type { CircuitState } from '../services/admission/circuit.ts'
import type { Offer } from '../services/admission/offer.ts'
import type { FleetShare, PolicyModule } from '../services/admission/policy.ts'
import type { PriorityClass } from '../services/admission/priority-class.ts'
import type { BalanceReading } from '../services/control/shed-loop.ts'
import type { RegistryEntry } from '../services/registry/load-folder.ts'
import type { ArrivalsAhead } from '../services/scaling/scaling-state.ts'
import type { BackpressureSettings } from '../services/settings/parts/backpressure.ts'
import type { Settings } from '../services/settings/settings.ts'
import type { Arrivals } from './arrivals/arrivals.ts'
import type { ByClass } from './classes.ts'
import type { Foresight } from './world/foresight.ts'

/** The answer to an offer that is admitted. Any other number is a refusal with that Retry-After in seconds. */
export const ADMITTED = 0

/** The answer to an offer that a sample leaves out: the event is answered for good and does not come back. */
export const SAMPLED_OUT = -1

/** The answer to an offer whose deadline would pass in the queue: the event does not come back. */
export const WOULD_EXPIRE = -2

/** Figures of one look at the queue, named as in production. Arrays are indexed by priority and count events. */
export interface Reading extends AdmissionReading, BalanceReading {
  /** Milliseconds of the virtual clock. */
  readonly redisTimeMs: number
  readonly activeByPriority: readonly number[]
  readonly delayedByPriority: readonly number[]
  readonly oldestWaitingMsByPriority: readonly (number | null)[]
  /** Events that ever came to be worked on, and that ever left the hands of a worker; further attempts count again. */
  readonly arrivedByPriority: readonly number[]
  readonly worked: number
  readonly workers: number
  /** Slots of all workers, and those that are in use. */
  readonly slots: number
  readonly takenSlots: number
  /** The consumer stalls, and workers wait for it. */
  readonly isHeldUp: boolean
  /** Milliseconds of an event of each type, as workers have measured them. */
  readonly serviceMs: FleetShare
  /** The answers to offers so far. */
  readonly ledger: { readonly admission: Readonly<Record<PriorityClass, OfferCounts>> }
}

/** Offers ever made of a class, and those that were refused or left out of a sample. */
export type OfferCounts = Readonly<Record<'received' | 'shed' | 'sampled', number>>

export interface Subject {
  /** Answers ADMITTED, SAMPLED_OUT, WOULD_EXPIRE, or the seconds of Retry-After; infinite if the event can never be admitted. */
  offer: (offer: Offer, id: number) => number
  /** Takes in a reading, once every sample interval. */
  observe (reading: Reading): void
  /** The queue cannot be read; called at each sample interval until it can. */
  lose?: () => void
  /** The number of events that the one admitted last stands for; absent for a subject without a sample. */
  readonly weight?: number
  /** The reason of the last refusal, for a subject that tells. */
  readonly refusalReason?: string | undefined
  /** The arrivals that workers should be there for ahead of time; absent for a subject without a forecast. */
  readonly arrivalsAhead?: ArrivalsAhead
  /** Absent for a subject without a circuit. */
  readonly circuitState?: CircuitState
  /** Whether workers take the newest event of a class first. */
  readonly isLifo?: boolean
}

export interface SubjectContext {
  /** Milliseconds of the virtual clock. */
  readonly now: () => number
  /** Uniform in (0, 1). */
  readonly random: () => number
  /** The settings in force, from the code of production. */
  readonly settings: BackpressureSettings
  /** The other parts of the settings, by their names. */
  readonly settingsParts: Settings
  readonly policies: readonly RegistryEntry<PolicyModule>[]
  /** Delay budgets of the classes. */
  readonly budgetsMs: ByClass
  readonly sampleIntervalMs: number
  /** Values of the parameters that the module names. */
  readonly parameters: Readonly<Record<string, number>>
  /** The future, for the subjects that may know it. */
  readonly foresight: () => Foresight
  readonly arrivals: Arrivals
  /** Share of offers that the reference refused at a time, for the control that refuses as many. */
  readonly referenceShedShare: (atMs: number) => number
}

/** A parameter that may be tuned: between bounds that are searched evenly by their logarithm. */
export interface Parameter {
  readonly low: number
  readonly high: number
  readonly initial: number
}

/** The default export of each file of subjects/; the name of the file is the name of the subject. */
export interface SubjectModule {
  readonly parameters?: Readonly<Record<string, Parameter>>
  /** True if the shares that the reference refused have to be known before the run. */
  readonly needsReference?: boolean
  create: (context: SubjectContext) => Subject
}

export const SUBJECT_SHAPE = 'a SubjectModule: { create }'

export function isSubjectModule (candidate: unknown): candidate is SubjectModule {
  return typeof (candidate as Partial<SubjectModule> | undefined)?.create === 'function'
}

/** The values that parameters have unless they are tuned. */
export function initialValues ({ parameters = {} }: SubjectModule): Record<string, number> {
  return Object.fromEntries(Object.entries(parameters).map(([name, { initial }]) => [name, initial]))
}
