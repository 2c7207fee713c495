import type { AdmissionSettings } from '../../../services/admission/admission-state.ts'
import { AdmissionGate, type SpoolSide } from '../../../services/admission/gate.ts'
import type { AdmissionMode } from '../../../services/admission/mode.ts'
import type { AskForStep } from '../../../services/admission/circuit-steps.ts'
import type { CircuitState } from '../../../services/admission/circuit.ts'
import { AdmissionController } from '../../../services/admission/controller.ts'
import type { AdmissionCounters } from '../../../services/admission/counters.ts'
import type { Settlement } from '../../../services/admission/permit.ts'
import type { NamedPolicy, Objection } from '../../../services/admission/policy.ts'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import type { QueueReading } from '../../../services/queue/reading.ts'
import { isWriteRefusal } from '../../../services/redis/outage.ts'
import { booked } from '../../booked.ts'
import { capturedLog } from '../../captured-log.ts'
import { loadPolicies, THRESHOLDS } from './load.ts'

export { THRESHOLDS }

/** The reading of a queue that holds these numbers of events by priority. */
export function readingOf (depths: Record<number, number>, more: Partial<QueueReading> = {}): QueueReading {
  const none = Array.from({ length: 11 }, () => 0)
  return {
    redisTimeMs: 0,
    depthByPriority: none.map((_, priority) => depths[priority] ?? 0),
    activeByPriority: none,
    delayedByPriority: none,
    enqueuedByPriority: none,
    done: 0,
    dead: 0,
    expired: 0,
    ...booked({}),
    jobs: { waiting: 0, active: 0, delayed: 0, unsettled: 0, failed: 0 },
    isPaused: false,
    pausedForMs: 0,
    oldestWaitingMsByPriority: none.map(() => null),
    fleet: { members: [], skipped: 0 },
    workers: [],
    control: {},
    memory: { usedBytes: 0, maxBytes: 0, machineBytes: 0 },
    rememberedIds: 0,
    unfinishedReplays: 0,
    deadLetters: { kept: 0, bytes: 0, discarded: 0, replayed: 0 },
    settings: undefined,
    ...more
  }
}

/** A call of the counters, without the offer but for its class. */
export type Counted =
  | readonly ['offered' | 'admitted', PriorityClass]
  | readonly ['refused', PriorityClass, reason: string, isEnforced: boolean]
  | readonly ['settled', PriorityClass, Settlement]
  | readonly ['invalid']

/** Counters that keep each call that counts something. */
function recordedCounters () {
  const counted: Counted[] = []
  const resets = { count: 0 }
  const counters: AdmissionCounters = {
    offered: ({ priorityClass }) => { counted.push(['offered', priorityClass]) },
    admitted: ({ priorityClass }) => { counted.push(['admitted', priorityClass]) },
    refused: ({ priorityClass }, { reason }, isEnforced) => {
      counted.push(['refused', priorityClass, reason, isEnforced])
    },
    settled: ({ priorityClass }, settlement) => { counted.push(['settled', priorityClass, settlement]) },
    invalid: () => { counted.push(['invalid']) },
    reset: () => { resets.count++ }
  }
  return { counted, resets, counters }
}

/** A policy that objects to everything, if to anything, and keeps the names of its calls. */
export function recordedPolicy (objection?: Objection, reason = 'recorded') {
  const calls: string[] = []
  const policy: NamedPolicy = {
    kind: 'load',
    rank: 100,
    reason,
    judge: () => objection,
    admitted: () => {
      calls.push('admitted')
      return { settled: (outcome) => { calls.push(outcome) } }
    },
    reset: () => { calls.push('reset') }
  }
  return { policy, calls }
}

type Observed = Partial<Omit<QueueReading, 'settings'>> & {
  elapsedMs?: number,
  settings?: AdmissionSettings | undefined
}

interface GateOptions {
  mode?: AdmissionMode
  spool?: SpoolSide
  /** Asked besides the policies of a running service. */
  further?: readonly NamedPolicy[]
  random?: () => number
  /** The clock of the test if absent. */
  wall?: () => number
  /** Instead of the record. */
  counters?: AdmissionCounters
  /** The record that replicas share; none by default. */
  askForStep?: AskForStep
}

/**
 * A gate with the policies of a running service, a clock in the hand of the test, and a record of all that it counts.
 */
export async function startGate (
  { mode = 'true', spool, further = [], random = () => 0, wall, counters, askForStep }: GateOptions = {}
) {
  const clock = { now: 1_000_000 }
  const now = () => clock.now
  const { log, lines } = capturedLog()
  const record = recordedCounters()
  const transitions: CircuitState[] = []
  const process = { isOverloaded: false }
  const policies = [...await loadPolicies(now), ...further]
  const gate = new AdmissionGate({
    controller: new AdmissionController({ thresholds: THRESHOLDS, policies, now: clock.now }),
    mode,
    isProcessOverloaded: () => process.isOverloaded,
    now,
    ...(wall && { wall }),
    random,
    log,
    counters: counters ?? record.counters,
    isWriteRefusal,
    ...(askForStep && { askForStep }),
    onTransition: ({ to }) => { transitions.push(to) },
    spool
  })
  /** Takes in a reading `elapsedMs` after the last one. */
  const observe = (depth: number, { elapsedMs = 100, settings, ...more }: Observed = {}) => {
    clock.now += elapsedMs
    gate.observe(readingOf({ 5: depth }, more), settings)
  }
  const events = () => lines.map(({ event }) => event)
  return { gate, clock, process, lines, events, counted: record.counted, resets: record.resets, transitions, observe }
}
