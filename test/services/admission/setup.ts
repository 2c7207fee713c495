import { AdmissionGate, type SpoolSide } from '../../../services/admission/gate.ts'
import type { AdmissionMode } from '../../../services/admission/mode.ts'
import { worseState, type CircuitState } from '../../../services/admission/circuit.ts'
import { AdmissionController } from '../../../services/admission/controller.ts'
import type { PriorityClass } from '../../../services/admission/priority-class.ts'
import type { QueueReading } from '../../../services/queue/reading.ts'
import { capturedLog } from '../../captured-log.ts'
import { loadPolicies, THRESHOLDS } from './load.ts'

export { THRESHOLDS }

/** What the queue tells when it holds these numbers of events by priority. */
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
    ledger: {},
    jobs: { waiting: 0, active: 0, delayed: 0, unsettled: 0, failed: 0 },
    isPaused: false,
    pausedForMs: 0,
    oldestWaitingMsByPriority: none.map(() => null),
    workers: [],
    control: {},
    memory: { usedBytes: 0, maxBytes: 0, machineBytes: 0 },
    rememberedIds: 0,
    ...more
  }
}

/** A gate with the policies of a running service, a clock in the hand of the test, and a record of all that it tells. */
export async function startGate ({ mode = 'true', spool }: { mode?: AdmissionMode, spool?: SpoolSide } = {}) {
  const clock = { now: 1_000_000 }
  const { log, lines } = capturedLog()
  const decisions: [priorityClass: PriorityClass, reason: string | undefined][] = []
  const transitions: CircuitState[] = []
  const counters = { resets: 0 }
  const process = { isOverloaded: false }
  const gate = new AdmissionGate({
    controller: new AdmissionController({ thresholds: THRESHOLDS, policies: await loadPolicies(), now: clock.now }),
    mode,
    isProcessOverloaded: () => process.isOverloaded,
    now: () => clock.now,
    random: () => 0,
    log,
    onDecision: (priorityClass, reason) => { decisions.push([priorityClass, reason]) },
    onTransition: ({ depth, bytes }) => { transitions.push(worseState(depth, bytes)) },
    onReset: () => { counters.resets++ },
    spool
  })
  /** Takes in a reading `elapsedMs` after the last one. */
  const observe = (depth: number, { elapsedMs = 100, ...more }: Partial<QueueReading> & { elapsedMs?: number } = {}) => {
    clock.now += elapsedMs
    gate.observe(readingOf({ 5: depth }, more))
  }
  const events = () => lines.map(({ event }) => event)
  return { gate, clock, process, lines, events, decisions, transitions, counters, observe }
}
