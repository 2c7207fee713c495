import type { Incident, Series, State } from '../../../dashboard/contract.d.ts'

/** 14:02:00 in UTC. */
export const NOW = Date.UTC(2026, 6, 1, 14, 2)

/** A quiet service, but for what is given. */
export function stateWith (changes: Partial<State> = {}): State {
  return {
    time: NOW, replica: 'host', version: '1.0.0', role: 'all', mode: 'true', configuredMode: 'true', hasJobBrowser: true, isDepthKnown: true, snapshotAgeMs: 20, health: 'healthy',
    circuitState: 'CLOSED', circuitSince: NOW - 3_600_000, depth: 120, thresholds: { warning: 10_000, critical: 50_000, recovery: 5_000, hardLimit: 1_000_000 },
    utilizationPercent: 0.24, arrivalRate: 100, drainRate: 120, timeToDrainSeconds: 6, oldestWaitingSeconds: { critical: null, normal: 1, low: null },
    isPaused: false, pausedForMs: 0, workers: [{ id: 'w', hostname: 'host', pid: 1, concurrency: 20, startedAt: new Date(NOW).toISOString(), handlers: ['delivery'], holds: [] }], workersNeeded: null, deadLetters: 0,
    decisions: { critical: { admitted: true }, normal: { admitted: true }, low: { admitted: true } }, refusals: [], topTypes: [], spool: null, ...changes
  }
}

export const refused = (reason: string) => ({ admitted: false, reason, retryAfterSeconds: 12 }) as const

/** Columns from a few figures a second: its number, depth of normal, index of the circuit state, refused by circuit-open. */
export function seriesOf (rows: [time: number, depth: number | null, circuit: number | null, shed?: number | null][]): Series {
  const column = (read: (row: (typeof rows)[number]) => number | null) => rows.map(read)
  const depth = column(([, value]) => value)
  const none = column(() => null)
  return {
    time: rows.map(([time]) => time), depth: { critical: depth.map((value) => value === null ? null : 0), normal: depth, low: depth.map((value) => value === null ? null : 0) },
    shed: { 'circuit-open': column(([, , , shed = 0]) => shed) }, circuit: column(([, , circuit]) => circuit),
    active: none, delayed: none, arrivalRate: [...none], drainRate: [...none], workers: [...none], capacity: [...none], oldestWaitingSeconds: [...none], spooled: [...none]
  }
}

export function incident (time: number, kind: Incident['kind'], text = kind as string): Incident {
  return { time, kind, text }
}
