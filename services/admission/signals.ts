import type { Circuits, CircuitState } from './circuit.ts'
import type { MemoryReading } from './memory.ts'
import type { PriorityClass } from './priority-class.ts'
import type { Thresholds } from './thresholds.ts'

/** The figures of one reading of the queue. Arrays are indexed by priority; index 0 is unused. */
export interface QueueSample {
  /** Events waiting, prioritized or active, per priority. */
  readonly depthByPriority: readonly number[]
  /** Events ever accepted into the queue, per priority: only differences between samples are used. */
  readonly enqueuedByPriority: readonly number[]
  /** Events ever finished (done, dead-lettered or expired), all priorities. */
  readonly finished: number
  /** Memory of the queue's store; absent if the store does not report it. */
  readonly memory?: MemoryReading
}

/** The bytes that the queue's store holds, and its limits. */
export interface MemorySignals {
  readonly usedBytes: number
  /** Undefined if the limit is unknown. */
  readonly capacityBytes: number | undefined
  /** In bytes; undefined when there are none. */
  readonly thresholds: Thresholds | undefined
  /** Bytes in the store when the queue was last empty: dead letters, receipts, remembered ids; 0 before that. */
  readonly restBytes: number
}

/** A share of each class, 0 to 1. */
export type Shares = Readonly<Record<PriorityClass, number>>

/** The shares that smooth shedding refuses. */
export interface Shedding {
  /** The share of normal is above 0 only while that of low is 1. */
  readonly shares: Shares
  /** Depth that it leads the queue to, in events. */
  readonly targetDepth: number
}

/** A share of low events that is refused before the depth calls for it. */
export interface PreShed {
  readonly share: number
  /** When a refused event may come back. */
  readonly retryAfterMs: number
}

/** The events that an organization above its fair share has to give up. */
export interface OverShare {
  /** Shares of its events to refuse. Normal has one above 0 only while low has 1; critical has none. */
  readonly shares: Shares
  /** Its fair share of the capacity, in events of mean service time per second. */
  readonly perSecond: number
  readonly weight: number
}

/** The fair shares of organizations in the capacity. */
export interface FairShares {
  /** Number of organizations above their shares. */
  readonly above: number
  /** The most that an organization of weight 1 gets, in work per second; Infinity if there is enough for all. */
  readonly level: number
  /** Undefined for an organization that is not above its share. */
  over: (organizationId: string | undefined) => OverShare | undefined
}

/** How long a new event of a class waits for a worker. */
export interface PredictedWait {
  /** Infinity if better classes leave nothing to the class. */
  readonly ms: number
  /** How much longer it waits for each event that came since. */
  readonly msPerEvent: number
}

export type PredictedWaits = Readonly<Record<PriorityClass, PredictedWait>>

/** Milliseconds for which each class has been refused without a break; 0 while it gets in. */
export type RefusedMs = Readonly<Record<PriorityClass, number>>

/** The findings of the controllers: the capacity, and measures that take effect before the circuit has to open. */
export interface Relief {
  /** Events that workers can finish in a second, if that was measured. */
  readonly capacityPerSecond?: number | undefined
  /** Undefined while there is no evidence. */
  readonly waits?: PredictedWaits | undefined
  /** Undefined unless load is shed smoothly. */
  readonly shedding?: Shedding | undefined
  /** Undefined unless there is a sample. */
  readonly kept?: Shares | undefined
  /** Undefined unless the forecast has reason to act. */
  readonly preShed?: PreShed | undefined
  /** Undefined unless organizations are kept apart and the queue is under pressure. */
  readonly fairShares?: FairShares | undefined
  /** Undefined if nobody keeps account of it. */
  readonly refusedMs?: RefusedMs | undefined
}

/** One immutable snapshot of the known state. Decisions use nothing else. */
export interface Signals {
  /** The time of the sample, in milliseconds of the caller's clock. */
  readonly takenAt: number
  /** False while the queue cannot be read. The depths are then the last ones seen and must not be trusted. */
  readonly isDepthKnown: boolean
  readonly depth: number
  readonly depthByPriority: readonly number[]
  /** Accepted events per second, per priority. */
  readonly arrivalRateByPriority: readonly number[]
  /** Finished events per second, all priorities together. */
  readonly drainRate: number
  /** Events per second that workers can finish, as control has just measured it; undefined if it has not. */
  readonly capacityPerSecond: number | undefined
  /** Undefined while there is no evidence. */
  readonly waits: PredictedWaits | undefined
  readonly memory: MemorySignals
  readonly thresholds: Thresholds
  /** Undefined unless load is shed smoothly. */
  readonly shedding: Shedding | undefined
  /** The shares that are kept as a sample; undefined unless there is one. */
  readonly kept: Shares | undefined
  /** Undefined unless the forecast has reason to act. */
  readonly preShed: PreShed | undefined
  /** Undefined unless organizations are kept apart and the queue is under pressure. */
  readonly fairShares: FairShares | undefined
  /** Undefined if nobody keeps account of it. */
  readonly refusedMs: RefusedMs | undefined
  /** The worse of `circuits`. */
  readonly circuitState: CircuitState
  readonly circuits: Circuits
  /** When the circuit entered its state, in milliseconds of the caller's clock. */
  readonly circuitSince: number
}

/** The input of a policy: the last signals plus the changes since the sample. */
export interface Load {
  readonly signals: Signals
  /** Depth of the last sample plus what has been admitted since: by this process, and by the others in proportion. */
  readonly depth: number
  /** The same in bytes of the queue's store. */
  readonly bytes: number
  /** The event loop or the heap of this process is beyond its limit. */
  readonly isProcessOverloaded: boolean
  /** Share of the budget for bodies in flight that is in use, with this body in it; 0 once the body has been read. */
  readonly bodyShare: number
  /** Milliseconds since the queue was last read, while it cannot be. */
  readonly absentMs?: number | undefined
}
