import type { AdmissionGate } from '../admission/gate.ts'
import type { AdmissionMode } from '../admission/mode.ts'
import { causeOfState, type CircuitCause, type CircuitState } from '../admission/circuit.ts'
import type { Route } from '../admission/permit.ts'
import type { Refusal } from '../admission/refusal.ts'
import { oldestWaitingSeconds } from '../admission/oldest-waiting.ts'
import { PRIORITY_CLASSES, TYPICAL_PRIORITY, type PriorityClass } from '../admission/priority-class.ts'
import type { Shares } from '../admission/signals.ts'
import { utilizationPercent, type QueueHealth, type Thresholds } from '../admission/thresholds.ts'
import type { ControlState } from '../control/control-state.ts'
import type { WorkerEntry } from '../fleet/member.ts'
import type { ForecastMode, ForecastState } from '../forecast/forecasting.ts'
import { leavesOf } from '../settings/merge-patch.ts'
import type { MemoryStatus } from '../status/memory-status.ts'
import { knowledgeOf, type QueueStatus } from '../status/queue-status.ts'
import type { WorkProblem } from '../status/schema.ts'
import type { TypeRate } from './frequent-types.ts'
import type { RefusalRun } from './refusals.ts'
import type { ShownShadow } from './shadow-view.ts'

/** The constant facts about a process. */
export interface Replica {
  /** Its host. */
  readonly replica: string
  readonly version: string
  readonly role: string
  /** The mode in its configuration; operators may have set another one. */
  readonly configuredMode: AdmissionMode
  /** Whether it serves the job browser. */
  readonly hasJobBrowser: boolean
}

/** A change of the settings, as the page shows it. */
export interface ShownChange {
  readonly version: number
  /** RFC 3339. */
  readonly at: string
  /** The address of an operator. */
  readonly by: string
  readonly changes: readonly { field: string, from: unknown, to: unknown, isConfigured: boolean }[]
  readonly rollbackTo?: number
}

/** The fields that operators have set. */
export interface ShownOverrides {
  readonly backpressure?: { mode?: AdmissionMode, thresholds?: Partial<Thresholds> }
}

/** A setting other than the mode and the thresholds, such as one of a policy. */
export interface ShownField {
  /** Its path with dots. */
  readonly field: string
  readonly value: unknown
  /** Whether an operator has set it. */
  readonly isSet: boolean
}

/** The settings in force. */
export interface SettingsSource {
  readonly current: {
    readonly version: number
    readonly settings: Readonly<Record<string, unknown>> & {
      readonly backpressure: { readonly thresholds: Thresholds }
    }
    readonly overrides: ShownOverrides
  }
  readonly lastChange: ShownChange | undefined
}

/** The sources of the state, all of them in the memory of this process. */
export interface StateSource {
  readonly gate: AdmissionGate
  readonly settings: SettingsSource
  readonly status: QueueStatus
  /** Worker processes; undefined while the number is unknown. */
  readonly workersNeeded: number | undefined
  readonly control: Pick<ControlState, 'evidence' | 'timeToEmptyMs'>
  readonly forecast: ForecastState & { readonly mode: ForecastMode }
  readonly spool: { events: number, bytes: number, maxBytes: number } | undefined
  readonly refusals: readonly RefusalRun[]
  readonly topTypes: readonly TypeRate[]
  readonly shadow: ShownShadow | undefined
}

/** The present state, null if unknown. While `isKnown` is false the circuit is that of the last reading. */
export interface State extends Replica, Pick<QueueStatus, 'isKnown' | 'asOf' | 'lastKnown'> {
  /** Milliseconds of the epoch. */
  readonly time: number
  readonly mode: AdmissionMode
  readonly settings: {
    version: number, overrides: ShownOverrides, further: readonly ShownField[], lastChange: ShownChange | null
    /** Those of operators, which adaptive ones keep to. */
    thresholds: Thresholds
  }
  readonly snapshotAgeMs: number
  readonly health: QueueHealth
  readonly circuitState: CircuitState
  /** The measure that keeps the circuit from closing. */
  readonly circuitCause: CircuitCause | null
  readonly circuitSince: number
  readonly depth: number | null
  /** Those in force. */
  readonly thresholds: Thresholds
  /** Depth as a share of the critical threshold. */
  readonly utilizationPercent: number | null
  readonly arrivalRate: number | null
  readonly drainRate: number | null
  readonly timeToDrainSeconds: number | null
  readonly oldestWaitingSeconds: Readonly<Record<PriorityClass, number | null>>
  readonly isPaused: boolean | null
  readonly pausedForMs: number | null
  readonly workers: readonly WorkerEntry[] | null
  readonly problems: readonly WorkProblem[]
  readonly workersNeeded: number | null
  /** Until nothing of a class and of better ones is left, null if that does not come; null without present evidence. */
  readonly timeToEmptyMs: Readonly<Record<PriorityClass, number | null>> | null
  /** The depth to come, the nearest first, proven or not; empty while unknown, null while the forecast is off. */
  readonly forecast: ForecastState['forecast'] | null
  /** Time until all low events would be refused, as a proven forecast predicts. */
  readonly breachMs: number | null
  readonly deadLetters: number | null
  readonly memory: MemoryStatus | null
  /** The share of each class that is shed smoothly; null unless load is shed so. */
  readonly shedShares: Shares | null
  /** The share of each class that is kept as a sample; null unless there is one. */
  readonly keptShares: Shares | null
  readonly decisions: Readonly<Record<PriorityClass, ShownDecision>>
  readonly refusals: readonly RefusalRun[]
  readonly topTypes: readonly TypeRate[]
  readonly spool: { events: number, bytes: number, maxBytes: number } | null
  /** Settings that are tried beside those in force; null unless there are some. */
  readonly shadow: ShownShadow | null
}

/** The decision on an event that arrives now. */
export type ShownDecision =
  { admitted: true, route: Route } | { admitted: false, reason: string, retryAfterSeconds: number }

/** Settings of many organizations do not fit on the page. */
const MOST_FIELDS = 50

/** Returns the state at `time`, milliseconds of the epoch. */
export function stateOf (
  time: number,
  replica: Replica,
  { gate, settings, status, workersNeeded, control, forecast, spool, refusals, topTypes, shadow }: StateSource
): State {
  const { thresholds, circuitState, circuits, shedding, kept } = gate.signals
  const { reading, depth } = status
  return {
    time,
    ...replica,
    mode: gate.mode,
    settings: shownSettings(settings),
    ...knowledgeOf(status),
    snapshotAgeMs: gate.signalsAgeMs,
    health: status.health,
    circuitState,
    circuitCause: causeOfState(circuits) ?? null,
    circuitSince: gate.circuitChangedAt,
    depth: depth ?? null,
    thresholds,
    utilizationPercent: depth === undefined ? null : utilizationPercent(depth, thresholds),
    arrivalRate: status.arrivalRate ?? null,
    drainRate: status.drainRate ?? null,
    timeToDrainSeconds: status.timeToDrainSeconds,
    oldestWaitingSeconds: oldestWaitingSeconds(reading?.oldestWaitingMsByPriority),
    isPaused: reading?.isPaused ?? null,
    pausedForMs: reading?.pausedForMs ?? null,
    workers: reading?.workers ?? null,
    problems: status.problems,
    workersNeeded: status.isKnown ? workersNeeded ?? null : null,
    timeToEmptyMs: status.isKnown && hasEvidence(control) ? control.timeToEmptyMs : null,
    forecast: forecast.mode === 'off' ? null : status.isKnown ? forecast.forecast : [],
    breachMs: forecast.breachMs,
    deadLetters: status.deadLetters,
    memory: status.memory ?? null,
    shedShares: shedding?.shares ?? null,
    keptShares: kept ?? null,
    decisions: Object
      .fromEntries(PRIORITY_CLASSES.map((name) => [name, shown(gate.preview(TYPICAL_PRIORITY[name]))])) as Record<
        PriorityClass,
        ShownDecision
      >,
    refusals,
    topTypes,
    spool: spool ?? null,
    shadow: shadow ?? null
  }
}

/** Whether a field is a value of one organization. */
function isOfOne (field: string): boolean {
  return field.startsWith('quotas.organizations.')
}

function shownSettings ({ current, lastChange }: SettingsSource): State['settings'] {
  const { version, overrides, settings: { backpressure: { thresholds }, shadow: _tried, ...others } } = current
  const set = leavesOf(overrides)
  // Those of many organizations would hide the settings behind them.
  const further = [...leavesOf(others)].toSorted(([one], [other]) => Number(isOfOne(one)) - Number(isOfOne(other)))
    .slice(0, MOST_FIELDS)
    .map(([field, value]) => ({ field, value, isSet: set.has(field) }))
  if (lastChange === undefined) return { version, thresholds, overrides, further, lastChange: null }
  const { at, by, changes, rollbackTo } = lastChange
  const change = { version: lastChange.version, at, by, changes, ...(rollbackTo !== undefined && { rollbackTo }) }
  return { version, thresholds, overrides, further, lastChange: change }
}

function shown (answer: Route | Refusal): ShownDecision {
  if (typeof answer === 'string') return { admitted: true, route: answer }
  const { reason, retryAfterSeconds = 0 } = answer
  return { admitted: false, reason, retryAfterSeconds }
}

/** While nothing is worked on, a capacity that was measured before says nothing about when the queue is empty. */
function hasEvidence ({ evidence }: StateSource['control']): boolean {
  return evidence === 'busy' || evidence === 'utilisation'
}
