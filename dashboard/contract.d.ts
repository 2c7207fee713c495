/** Columns of equal length, one entry a second; null where it was not known. */
export interface Series {
  /** Epoch seconds. */
  time: number[]
  /** Events waiting or in work. */
  depth: { critical: Column, normal: Column, low: Column }
  active: Column
  delayed: Column
  /** Events per second. */
  arrivalRate: Column
  drainRate: Column
  /** Events refused in that second, by reason, of all replicas. */
  shed: Record<string, Column>
  workers: Column
  capacity: Column
  oldestWaitingSeconds: Column
  /** 0 CLOSED, 1 HALF_OPEN, 2 OPEN. */
  circuit: Column
  /** Events on the local disk of the replica that answers. */
  spooled: Column
}

export type Column = (number | null)[]

export type PriorityClass = 'critical' | 'normal' | 'low'

export type CircuitState = 'CLOSED' | 'HALF_OPEN' | 'OPEN'

/** What ENABLE_BACKPRESSURE may say. */
export type Mode = 'true' | 'observe' | 'false'

export interface Incident {
  /** Epoch milliseconds. */
  time: number
  kind: 'circuit' | 'queue-lost' | 'queue-found' | 'paused' | 'resumed' | 'mode' | 'reset' | 'workers'
  from?: string
  to?: string
  depth?: number
  text: string
}

export type Decision = { admitted: true } | { admitted: false, reason: string, retryAfterSeconds: number }

/** Events of one class that one replica refused for one reason, one after the other. */
export interface RefusalRun {
  from: number
  to: number
  priorityClass: PriorityClass
  reason: string
  events: number
}

export interface Worker {
  id: string
  hostname: string
  pid: number
  concurrency: number
  startedAt: string
  handlers: string[]
  holds: ('no-handlers' | 'consumer-unreachable' | 'dead-letters-full')[]
}

/** All that is known now. Times are epoch milliseconds. */
export interface State {
  time: number
  replica: string
  version: string
  role: string
  mode: Mode
  configuredMode: Mode
  hasJobBrowser: boolean
  isDepthKnown: boolean
  snapshotAgeMs: number | null
  health: string
  circuitState: CircuitState
  circuitSince: number
  depth: number | null
  thresholds: { warning: number, critical: number, recovery: number, hardLimit: number }
  utilizationPercent: number | null
  arrivalRate: number | null
  drainRate: number | null
  timeToDrainSeconds: number | null
  oldestWaitingSeconds: Record<PriorityClass, number | null>
  isPaused: boolean
  /** For how long deliveries still wait for the consumer; nothing to do with `isPaused`, the pause by an operator. */
  pausedForMs: number | null
  workers: Worker[]
  workersNeeded: number | null
  deadLetters: number | null
  decisions: Record<PriorityClass, Decision>
  refusals: RefusalRun[]
  topTypes: { type: string, ratePerSecond: number, events: number }[]
  spool: { events: number, bytes: number, maxBytes: number } | null
}

/** One message of the stream. */
export interface FeedMessage {
  series: Series
  incidents: Incident[]
  state: State
}

/** What became of the connection. */
export type Connection =
  | { kind: 'connecting' }
  | { kind: 'live' }
  | { kind: 'stale', since: number, why: string }
  | { kind: 'unauthorized' }
  | { kind: 'forbidden', detail: string }
  | { kind: 'missing' }

export interface DeadLetter {
  id: string
  event: { id: string, type: string, payload: unknown, priority: number, organizationId?: string, occurredAt?: string, receivedAt: string }
  reason: string
  error: string
  attempts: number
  diedAt: string
  receivedAt: string
}

export interface Replay {
  id: string
  status: 'running' | 'paused' | 'done' | 'cancelled'
  reason?: string
  matched: number
  replayed: number
  skipped: number
  createdAt: string
}
