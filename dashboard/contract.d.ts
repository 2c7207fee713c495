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
  kind: 'circuit' | 'queue-lost' | 'queue-found' | 'paused' | 'resumed' | 'mode' | 'reset' | 'workers' | 'held' | 'released' | 'consumer-away' | 'consumer-back'
  from?: string
  to?: string
  depth?: number
  text: string
}

/** `spool` is the local disk of the replica that answers. */
export type Decision =
  { admitted: true, route: 'queue' | 'spool' } | { admitted: false, reason: string, retryAfterSeconds: number }

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

/** A cause that keeps workers from their work, in clauses without a capital letter and a full stop. */
export interface Problem {
  kind: 'paused' | 'no-worker' | 'held' | 'consumer-wait' | 'not-delivered' | 'handlers-differ'
  /** `all` while no worker takes a batch. */
  stops: 'all' | 'some' | 'none'
  text: string
  remedy: string
}

/** The figures of the last reading of the queue, while those of now are not known. */
export interface LastKnown {
  /** RFC 3339. */
  at: string
  queueDepth: number
  counts: { waiting: number, active: number, delayed: number, completed: number, failed: number }
  workers: number
  circuitState: CircuitState
  isPaused: boolean
  arrivalRate: number
  drainRate: number
  deadLetters: number | null
}

/** The bytes of Redis; null stands for what is not known. */
export interface Memory {
  usedBytes: number
  capacityBytes: number | null
  /** Of the critical threshold. */
  utilizationPercent: number | null
  thresholds: { warning: number, critical: number, recovery: number, hardLimit: number } | null
  deadLetterBytes: number | null
  rememberedIds: number
  idLifeMs: number
}

/** A change of the settings. */
export interface SettingsChange {
  version: number
  /** RFC 3339. */
  at: string
  /** The address of an operator. */
  by: string
  changes: { field: string, from: unknown, to: unknown, isConfigured: boolean }[]
  rollbackTo?: number
}

/** All that is known now. Times are epoch milliseconds. */
export interface State {
  time: number
  replica: string
  version: string
  role: string
  mode: Mode
  configuredMode: Mode
  /** Mode and thresholds are those in force. */
  settings: {
    /** 0 before the first change. */
    version: number
    /** Only the fields that operators have set. */
    overrides: { backpressure?: { mode?: Mode, thresholds?: Partial<State['thresholds']> } }
    lastChange: SettingsChange | null
  }
  hasJobBrowser: boolean
  /**
   * While it is false everything of the queue and its workers is null, and circuitState is that of the last reading.
   */
  isKnown: boolean
  /** When the queue was read last, RFC 3339. */
  asOf: string | null
  lastKnown: LastKnown | null
  snapshotAgeMs: number | null
  health: string
  circuitState: CircuitState
  /** The measure that keeps the circuit from being closed. */
  circuitCause: 'depth' | 'bytes' | 'both' | null
  circuitSince: number
  depth: number | null
  thresholds: { warning: number, critical: number, recovery: number, hardLimit: number }
  utilizationPercent: number | null
  arrivalRate: number | null
  drainRate: number | null
  timeToDrainSeconds: number | null
  oldestWaitingSeconds: Record<PriorityClass, number | null>
  isPaused: boolean | null
  /** For how long deliveries still wait for the consumer; nothing to do with `isPaused`, the pause by an operator. */
  pausedForMs: number | null
  workers: Worker[] | null
  problems: Problem[]
  workersNeeded: number | null
  deadLetters: number | null
  memory: Memory | null
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

/** One of the events that the replica accepted last. */
export interface LatestEvent {
  id: string
  type: string
  priority: number
  organizationId?: string
  source?: string
  receivedAt: string
  status: string
}

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
