/*
 * Builds the status of the queue for every place that shows it: health, metrics, the command, the dashboard.
 *
 *   isKnown   the last reading is current: `reading` holds it, and the figures are those of the present
 *   else      the queue cannot be read, or its last reading is too old: the figures are unknown, and `lastKnown`
 *             holds the last ones
 */
import type { AdmissionGate } from '../admission/gate.ts'
import { rounded } from '../admission/rate.ts'
import type { Signals } from '../admission/signals.ts'
import { sum } from '../admission/sum.ts'
import { QUEUE_HEALTHS, queueHealth, type QueueHealth } from '../admission/thresholds.ts'
import { timeToDrainSeconds } from '../admission/time-to-drain.ts'
import type { QueueReading } from '../queue/reading.ts'
import { memoryStatusOf, type MemoryStatus } from './memory-status.ts'
import type { Counts, LastKnown, WorkProblem } from './schema.ts'
import { workProblems } from './work-problem.ts'

/**
 * A reading is too old after this many intervals. This covers a sampler that does not run; a running one reports a
 * silent Redis itself. Leaves room for a pause of this process.
 */
const STALE_AFTER_INTERVALS = 3
const LEAST_STALE_MS = 2_000

/** The sources of a status, all of them in the memory of this process. */
export interface StatusSource {
  readonly gate: Pick<AdmissionGate, 'signals' | 'signalsAgeMs' | 'readAt'>
  /** The last reading, however old. */
  readonly reading: QueueReading | undefined
  /** The last count. */
  readonly deadLetters: number | undefined
  readonly deadLetterBytes?: number | undefined
  /** The life of the id of a new event. */
  readonly idLifeMs?: number
  readonly sampleIntervalMs: number
}

export interface QueueStatus {
  readonly isKnown: boolean
  /** The time of the last reading, RFC 3339; null before the first one. */
  readonly asOf: string | null
  readonly health: QueueHealth
  /** Undefined unless it is of now. */
  readonly reading: QueueReading | undefined
  readonly counts: Counts | undefined
  readonly depth: number | undefined
  /** Accepted and finished events per second, to a tenth. */
  readonly arrivalRate: number | undefined
  readonly drainRate: number | undefined
  /** Null if the queue does not shrink, or while unknown. */
  readonly timeToDrainSeconds: number | null
  /** Null unless current. */
  readonly deadLetters: number | null
  /** Undefined unless it is of now. */
  readonly memory: MemoryStatus | undefined
  /** The causes that keep workers from their work. Empty while unknown. */
  readonly problems: readonly WorkProblem[]
  /** Null while the status is known, and before the first reading. */
  readonly lastKnown: LastKnown | null
}

/** Whether the figures are current, and otherwise the last known ones. */
export type Knowledge = Pick<QueueStatus, 'isKnown' | 'asOf' | 'lastKnown'>

const UNKNOWN = {
  isKnown: false,
  health: 'unknown',
  reading: undefined,
  counts: undefined,
  depth: undefined,
  arrivalRate: undefined,
  drainRate: undefined,
  timeToDrainSeconds: null,
  deadLetters: null,
  memory: undefined,
  problems: []
} as const

/** Returns the figures of the queue that may be shown now. */
export function queueStatusOf ({ gate, reading, sampleIntervalMs, ...source }: StatusSource): QueueStatus {
  const { signals, signalsAgeMs, readAt } = gate
  const deadLetters = source.deadLetters ?? null
  const isFresh = signalsAgeMs <= Math.max(LEAST_STALE_MS, STALE_AFTER_INTERVALS * sampleIntervalMs)
  if (reading === undefined) return { ...UNKNOWN, asOf: null, lastKnown: null }
  const asOf = new Date(readAt).toISOString()
  const { depth } = signals
  const rates = { arrivalRate: rounded(sum(signals.arrivalRateByPriority)), drainRate: rounded(signals.drainRate) }
  const counts = countsOf(reading)
  if (!signals.isDepthKnown || !isFresh) {
    const lastKnown: LastKnown = {
      at: asOf, queueDepth: depth, counts, workers: reading.workers.length, circuitState: signals.circuitState,
      isPaused: reading.isPaused, ...rates, deadLetters
    }
    return { ...UNKNOWN, asOf, lastKnown }
  }
  const problems = workProblems(reading)
  return {
    isKnown: true,
    asOf,
    health: healthOf(signals, problems),
    reading,
    counts,
    depth,
    ...rates,
    timeToDrainSeconds: depth > 0 && isStill(problems) ? null : timeToDrainSeconds({ depth, ...rates }),
    deadLetters,
    memory: memoryStatusOf(signals.memory, {
      deadLetterBytes: source.deadLetterBytes ?? null,
      rememberedIds: reading.rememberedIds,
      idLifeMs: source.idLifeMs ?? 0
    }),
    problems,
    lastKnown: null
  }
}

/** Returns the block that every answer about the queue contains. */
export function knowledgeOf ({ isKnown, asOf, lastKnown }: QueueStatus): Knowledge {
  return { isKnown, asOf, lastKnown }
}

/**
 * Returns the worse health of depth and bytes; at least degraded while a new event would wait in vain or could be
 * refused. For bytes, degraded does not count: dead letters and ids may permanently fill half of them.
 */
function healthOf (
  { depth, thresholds, circuitState, memory }: Signals,
  problems: readonly WorkProblem[]
): QueueHealth {
  const byDepth = queueHealth(depth, thresholds)
  const byBytes = memory.thresholds === undefined ? 'healthy' : queueHealth(memory.usedBytes, memory.thresholds)
  const worst = byBytes !== 'degraded' && QUEUE_HEALTHS.indexOf(byBytes) > QUEUE_HEALTHS.indexOf(byDepth)
    ? byBytes
    : byDepth
  return worst === 'healthy' && (circuitState !== 'CLOSED' || isStill(problems)) ? 'degraded' : worst
}

function isStill (problems: readonly WorkProblem[]): boolean {
  return problems.some(({ stops }) => stops === 'all')
}

function countsOf ({ depthByPriority, activeByPriority, delayedByPriority, done, dead }: QueueReading): Counts {
  const active = sum(activeByPriority)
  const waiting = sum(depthByPriority) - active
  return { waiting, active, delayed: sum(delayedByPriority), completed: done, failed: dead }
}
