import { drainForecast } from '../admission/drain-forecast.ts'
import type { AdmissionGate } from '../admission/gate.ts'
import type { AdmissionMode } from '../admission/mode.ts'
import type { CircuitState } from '../backpressure/circuit.ts'
import type { Decision } from '../backpressure/decision.ts'
import { oldestWaitingSeconds } from '../backpressure/oldest-waiting.ts'
import { PRIORITY_CLASSES, type PriorityClass } from '../backpressure/priority-class.ts'
import { sum } from '../backpressure/sum.ts'
import type { QueueHealth, Thresholds } from '../backpressure/thresholds.ts'
import type { QueueReading, WorkerEntry } from '../queue/reading.ts'
import type { TypeRate } from './frequent-types.ts'
import type { RefusalRun } from './refusals.ts'
import { rounded } from './signal-point.ts'

/** What a process says of itself and does not change. */
export interface Replica {
  /** Its host. */
  readonly replica: string
  readonly version: string
  readonly role: string
  /** What its configuration says; what is in force may have been set since. */
  readonly configuredMode: AdmissionMode
  /** Whether it shows the jobs of the queue. */
  readonly hasJobBrowser: boolean
}

/** What the state is made of, all of it in the memory of this process. */
export interface StateSource {
  readonly gate: AdmissionGate
  readonly reading: QueueReading | undefined
  /** Worker processes; undefined while it cannot be told. */
  readonly workersNeeded: number | undefined
  readonly deadLetters: number | undefined
  readonly spool: { events: number, bytes: number, maxBytes: number } | undefined
  readonly refusals: readonly RefusalRun[]
  readonly topTypes: readonly TypeRate[]
}

/** All that is to be known now; null stands for what is not. */
export interface State extends Replica {
  /** Milliseconds of the epoch. */
  readonly time: number
  readonly mode: AdmissionMode
  readonly isDepthKnown: boolean
  readonly snapshotAgeMs: number
  readonly health: QueueHealth
  readonly circuitState: CircuitState
  readonly circuitSince: number
  readonly depth: number | null
  readonly thresholds: Thresholds
  /** Of the critical threshold. */
  readonly utilizationPercent: number | null
  readonly arrivalRate: number
  readonly drainRate: number
  readonly timeToDrainSeconds: number | null
  readonly oldestWaitingSeconds: Readonly<Record<PriorityClass, number | null>>
  readonly isPaused: boolean
  readonly pausedForMs: number
  readonly workers: readonly WorkerEntry[]
  readonly workersNeeded: number | null
  readonly deadLetters: number | null
  readonly decisions: Readonly<Record<PriorityClass, ShownDecision>>
  readonly refusals: readonly RefusalRun[]
  readonly topTypes: readonly TypeRate[]
  readonly spool: { events: number, bytes: number, maxBytes: number } | null
}

/** What an event that comes now would be answered. */
export type ShownDecision = { admitted: true } | { admitted: false, reason: string, retryAfterSeconds: number }

/** An event that stands for its class. */
const PRIORITY_SHOWN: Record<PriorityClass, number> = { critical: 1, normal: 5, low: 10 }

/** Puts together what is known now, at `time` in milliseconds of the epoch. */
export function stateOf (time: number, replica: Replica, { gate, reading, workersNeeded, deadLetters, spool, refusals, topTypes }: StateSource): State {
  const { isDepthKnown, depth, thresholds, circuitState, circuitSince, drainRate, arrivalRateByPriority } = gate.signals
  return {
    time,
    ...replica,
    mode: gate.mode,
    isDepthKnown,
    snapshotAgeMs: gate.signalsAgeMs,
    health: gate.health,
    circuitState,
    circuitSince,
    depth: isDepthKnown ? depth : null,
    thresholds,
    utilizationPercent: isDepthKnown ? rounded(depth * 100 / thresholds.critical) : null,
    arrivalRate: rounded(sum(arrivalRateByPriority)),
    drainRate: rounded(drainRate),
    timeToDrainSeconds: drainForecast(gate),
    oldestWaitingSeconds: oldestWaitingSeconds(isDepthKnown ? reading?.oldestWaitingMsByPriority : undefined),
    isPaused: reading?.isPaused ?? false,
    pausedForMs: reading?.pausedForMs ?? 0,
    workers: reading?.workers ?? [],
    workersNeeded: workersNeeded ?? null,
    deadLetters: deadLetters ?? null,
    decisions: Object.fromEntries(PRIORITY_CLASSES.map((name) => [name, shown(gate.preview(PRIORITY_SHOWN[name]))])) as Record<PriorityClass, ShownDecision>,
    refusals,
    topTypes,
    spool: spool ?? null
  }
}

function shown (decision: Decision): ShownDecision {
  if (decision.admitted) return { admitted: true }
  const { reason, retryAfterSeconds } = decision
  return { admitted: false, reason, retryAfterSeconds }
}
