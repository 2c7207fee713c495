import type { PriorityClass } from '../../services/admission/priority-class.ts'

/** The waits of a class between admission and the start of the work. */
export interface Waits {
  readonly p50: number
  readonly p99: number
}

/** The share left out of the events of a class that a sample decided on, and the error of their estimated number. */
export type SampleFigures = Readonly<Record<PriorityClass, {
  readonly share: number
  /** As a share of the true number. */
  readonly error: number
  /** The same in standard errors as the weights tell them; null if no event was kept that stands for others. */
  readonly standardErrors: number | null
} | null>>

/** The judgement on one run. docs/SIMULATOR.md defines each of them. */
export interface Figures {
  readonly goodput: number
  /** Goodput with a critical event worth ten normal ones, and a normal one worth ten low ones: tuning maximises it. */
  readonly worth: number
  readonly criticalLost: number
  readonly waitMs: Readonly<Record<PriorityClass, Waits>>
  readonly minutesWithinBudget: Readonly<Record<PriorityClass, number>>
  readonly overshoot: number
  readonly circuitFlips: number
  readonly secondsAtLimit: number
  readonly secondsAboveCritical: number
  readonly workerSeconds: number
  readonly scaleSteps: number
  readonly scaleReversals: number
  readonly recoverySeconds: number
  readonly starvedSeconds: Readonly<Record<PriorityClass, number>>
  readonly lightWaitMs: number
  readonly makespan: number
  readonly jain: number
  readonly belowShareLost: number
  readonly belowShareWaitMs: number
  /** Share of the work of the flood that was admitted; null without one. */
  readonly floodAdmitted: number | null
  /** Null if nothing was refused that came in later. */
  readonly retryAfterAccuracy: { readonly p50: number | null, readonly p90: number | null }
  readonly retryAmplification: number
  readonly shedShare: Readonly<Record<PriorityClass, number>>
  /** Null for a class of which nothing was left out. */
  readonly sample: SampleFigures
  readonly counts: Counts
}

/**
 * offered = admitted + shed + sampledOut + wouldExpire, in offers; events = admitted + lost + sampledOut + wouldExpire +
 * pending, and admitted = done + dead + expired + queued, in events.
 */
export interface Counts {
  readonly events: number
  readonly offered: number
  readonly admitted: number
  readonly shed: number
  readonly sampledOut: number
  /** Refused because their deadlines would pass in the queue. */
  readonly wouldExpire: number
  /** Given up by their producers. */
  readonly lost: number
  /** Refused, and to come back after the end of the run. */
  readonly pending: number
  readonly done: number
  readonly dead: number
  /** Deadlines that passed in the queue, or would have before a retry. */
  readonly expired: number
  /** Attempts that began after the deadline. */
  readonly late: number
  /** In the queue, in work or delayed at the end. */
  readonly queued: number
}
