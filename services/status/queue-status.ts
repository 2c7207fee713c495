/*
 * Puts the status of the queue together, for every place that shows it: health, metrics, the command, the dashboard.
 *
 *   isKnown   the last reading is of now: `reading` holds it, and figures are those of the present
 *   else      the queue cannot be read, or has not been for too long: figures are unknown, and `lastKnown` holds what
 *             they were and when
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
 * A reading is too old after this many intervals. For a sampler that stands still: of a Redis that does not answer it
 * tells itself. Leaves room for a pause of this process.
 */
const STALE_AFTER_INTERVALS = 3
const LEAST_STALE_MS = 2_000

/** The sources of a status, all of them in the memory of this process. */
export interface StatusSource {
  readonly gate: Pick<AdmissionGate, 'signals' | 'signalsAgeMs'>
  /** The last one, however old. */
  readonly reading: QueueReading | undefined
  /** As they were last counted. */
  readonly deadLetters: number | undefined
  readonly deadLetterBytes?: number | undefined
  /** How long the id of a new event is remembered. */
  readonly idLifeMs?: number
  readonly sampleIntervalMs: number
}

export interface QueueStatus {
  readonly isKnown: boolean
  /** When the queue was read last, RFC 3339; null before the first reading. */
  readonly asOf: string | null
  readonly health: QueueHealth
  /** Undefined unless it is of now. */
  readonly reading: QueueReading | undefined
  readonly counts: Counts | undefined
  readonly depth: number | undefined
  /** Accepted and finished events per second, to a tenth. */
  readonly arrivalRate: number | undefined
  readonly drainRate: number | undefined
  /** Null while the queue does not get shorter, or nothing is known. */
  readonly timeToDrainSeconds: number | null
  /** Null unless it is of now. */
  readonly deadLetters: number | null
  /** Undefined unless it is of now. */
  readonly memory: MemoryStatus | undefined
  /** The causes that keep workers from their work. Empty while nothing is known. */
  readonly problems: readonly WorkProblem[]
  /** Null while the status is known, and before the first reading. */
  readonly lastKnown: LastKnown | null
}

/** Whether figures are of now, and if not, what they were last. */
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

/** Puts together the figures of the queue that may be shown now. */
export function queueStatusOf ({ gate, reading, sampleIntervalMs, ...source }: StatusSource): QueueStatus {
  const { signals, signalsAgeMs } = gate
  const deadLetters = source.deadLetters ?? null
  const isFresh = signalsAgeMs <= Math.max(LEAST_STALE_MS, STALE_AFTER_INTERVALS * sampleIntervalMs)
  if (reading === undefined) return { ...UNKNOWN, asOf: null, lastKnown: null }
  const asOf = new Date(signals.takenAt).toISOString()
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
      deadLetterBytes: source.deadLetterBytes ?? null, rememberedIds: reading.rememberedIds, idLifeMs: source.idLifeMs ?? 0
    }),
    problems,
    lastKnown: null
  }
}

/** The block that every answer has which tells of the queue. */
export function knowledgeOf ({ isKnown, asOf, lastKnown }: QueueStatus): Knowledge {
  return { isKnown, asOf, lastKnown }
}

/**
 * The worst of depth and bytes, and degraded while a new event would wait in vain or could be refused. Dead letters and
 * ids that stay may fill half of the bytes.
 */
function healthOf ({ depth, thresholds, circuitState, memory }: Signals, problems: readonly WorkProblem[]): QueueHealth {
  const byDepth = queueHealth(depth, thresholds)
  const byBytes = memory.thresholds === undefined ? 'healthy' : queueHealth(memory.usedBytes, memory.thresholds)
  const worst = byBytes !== 'degraded' && QUEUE_HEALTHS.indexOf(byBytes) > QUEUE_HEALTHS.indexOf(byDepth) ? byBytes : byDepth
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
