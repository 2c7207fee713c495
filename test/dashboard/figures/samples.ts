import type { Ahead, Incident, LastKnown, Series, State, Worker } from '../../../dashboard/contract.d.ts'
import { workProblems } from '../../../services/status/work-problem.ts'

export const THRESHOLDS = { warning: 10_000, critical: 50_000, recovery: 5_000, hardLimit: 1_000_000 }

/** 14:02:00 in UTC. */
export const NOW = Date.UTC(2026, 6, 1, 14, 2)

export function workerWith (pid: number, changes: Partial<Worker> = {}): Worker {
  return {
    id: `w${pid}`, hostname: 'host', pid, concurrency: 20, startedAt: new Date(NOW).toISOString(),
    handlers: ['delivery'], holds: [], ...changes
  }
}

/** The figures of a minute ago. */
export const LAST_KNOWN: LastKnown = {
  at: new Date(NOW - 60_000).toISOString(),
  queueDepth: 1_008,
  counts: { waiting: 1_000, active: 8, delayed: 4, completed: 70, failed: 2 },
  workers: 2,
  circuitState: 'CLOSED',
  isPaused: true,
  arrivalRate: 29, drainRate: 23, deadLetters: 3
}

/** A service that has lost its queue, but for what is given. */
export function lostWith (changes: Partial<State> = {}): State {
  const none = {
    depth: null, utilizationPercent: null, arrivalRate: null, drainRate: null, timeToDrainSeconds: null, isPaused: null,
    pausedForMs: null, workers: null, problems: [], workersNeeded: null, deadLetters: null
  }
  return stateWith({
    isKnown: false,
    health: 'unknown',
    lastKnown: LAST_KNOWN,
    oldestWaitingSeconds: { critical: null, normal: null, low: null },
    ...none,
    ...changes
  })
}

/** A quiet service, but for what is given. */
export function stateWith (changes: Partial<State> = {}): State {
  const { isPaused = false, pausedForMs = 0, workers = [workerWith(1)] } = changes
  return {
    time: NOW,
    replica: 'host',
    version: '1.0.0',
    role: 'all',
    mode: 'true',
    configuredMode: 'true',
    shadow: null,
    settings: { version: 0, thresholds: THRESHOLDS, overrides: {}, further: [], lastChange: null },
    hasJobBrowser: true,
    isKnown: true,
    asOf: new Date(NOW).toISOString(),
    lastKnown: null,
    snapshotAgeMs: 20,
    health: 'healthy',
    circuitState: 'CLOSED',
    circuitCause: null,
    circuitSince: NOW - 3_600_000,
    depth: 120,
    thresholds: THRESHOLDS,
    utilizationPercent: 0.24,
    arrivalRate: 100,
    drainRate: 120,
    timeToDrainSeconds: 6,
    oldestWaitingSeconds: { critical: null, normal: 1, low: null },
    isPaused,
    pausedForMs,
    workers,
    problems: workProblems({ isPaused: isPaused ?? false, pausedForMs: pausedForMs ?? 0, workers: workers ?? [] }),
    workersNeeded: null,
    timeToEmptyMs: null,
    forecast: null,
    breachMs: null,
    deadLetters: 0,
    memory: null,
    decisions: { critical: ADMITTED, normal: ADMITTED, low: ADMITTED },
    refusals: [],
    topTypes: [],
    shedShares: null,
    keptShares: null,
    spool: null,
    ...changes
  }
}

export const ADMITTED = { admitted: true, route: 'queue' } as const
export const SPOOLED = { admitted: true, route: 'spool' } as const
export const refused = (reason: string) => ({ admitted: false, reason, retryAfterSeconds: 12 }) as const

/** The forecast at one horizon. */
export function ahead (horizonMs: number, depth: number, changes: Partial<Ahead> = {}): Ahead {
  return { horizonMs, depth, low: null, high: null, skill: 0.2, isTrusted: true, ...changes }
}

/**
 * Columns from a few figures a second: its number, depth of normal, index of the circuit state, refused by
 * circuit-open.
 */
export function seriesOf (
  rows: [time: number, depth: number | null, circuit: number | null, shed?: number | null][]
): Series {
  const column = (read: (row: (typeof rows)[number]) => number | null) => rows.map(read)
  const depth = column(([, value]) => value)
  const none = column(() => null)
  return {
    time: rows.map(([time]) => time),
    depth: {
      critical: depth.map((value) => value === null ? null : 0),
      normal: depth,
      low: depth.map((value) => value === null ? null : 0)
    },
    shed: { 'circuit-open': column(([, , , shed = 0]) => shed) },
    circuit: column(([, , circuit]) => circuit),
    active: none,
    delayed: none,
    arrivalRate: [...none],
    drainRate: [...none],
    workers: [...none],
    capacity: [...none],
    oldestWaitingSeconds: [...none],
    spooled: [...none]
  }
}

export function incident (time: number, kind: Incident['kind'], text = kind as string): Incident {
  return { time, kind, text }
}
