import type { Circuits, CircuitState } from './circuit.ts'
import type { MemoryReading } from './memory.ts'
import type { Thresholds } from './thresholds.ts'

/** The figures of one reading of the queue. Arrays are indexed by priority; index 0 is unused. */
export interface QueueSample {
  /** Events waiting, prioritized or active, per priority. */
  readonly depthByPriority: readonly number[]
  /** Events ever accepted into the queue, per priority: only differences between samples are used. */
  readonly enqueuedByPriority: readonly number[]
  /** Events ever finished (done or dead-lettered), all priorities. */
  readonly finished: number
  /** Memory of the queue's store; absent when the store does not tell. */
  readonly memory?: MemoryReading
}

/** The bytes that the queue's store holds, against what it may. */
export interface MemorySignals {
  readonly usedBytes: number
  /** Undefined when nobody knows how much it may hold. */
  readonly capacityBytes: number | undefined
  /** In bytes; undefined when there are none. */
  readonly thresholds: Thresholds | undefined
  /** Bytes that it held when the queue was last empty: dead letters, receipts, remembered ids; 0 before that. */
  readonly restBytes: number
}

/** One immutable snapshot of what is known; the only thing that decisions look at. */
export interface Signals {
  /** When the sample was taken, in milliseconds of the caller's clock. */
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
  readonly memory: MemorySignals
  readonly thresholds: Thresholds
  /** The worse of `circuits`. */
  readonly circuitState: CircuitState
  readonly circuits: Circuits
  /** When the circuit entered its state, in milliseconds of the caller's clock. */
  readonly circuitSince: number
}

/** The input of a policy: the last signals plus what changed since they were taken. */
export interface Load {
  readonly signals: Signals
  /** Depth of the last sample plus what this process has admitted since. */
  readonly depth: number
  /** The same in bytes of the queue's store. */
  readonly bytes: number
  /** The event loop or the heap of this process is beyond its limit. */
  readonly isProcessOverloaded: boolean
  /** Share of the budget for bodies in flight that is in use, with this body in it; 0 once the body has been read. */
  readonly bodyShare: number
}
