import { PRIORITY_SLOTS } from '../admission/priority-class.ts'
import { sum } from '../admission/sum.ts'
import { balanceOf } from '../ledger/balance.ts'
import { ledgerOf } from '../ledger/ledger.ts'
import { decodeFleet, workersOf, type Fleet, type FleetReply } from '../fleet/member.ts'
import { parseBatchId } from './batch.ts'
import type { QueueReading } from './reading.ts'

/** The answer of bullmq/lua/read.lua. */
export type ReadReply = [
  nowMs: number, booked: string[], delayed: string[], active: string[], unsettled: string[], waitingJobs: number,
  delayedJobs: number, unsettledJobs: number, failedJobs: number, isPaused: number, limiterTtlMs: number,
  fleet: FleetReply | null, control: string[], memory: number[], oldest: (string | number)[], damagedKeys: string[],
  rememberedIds: number, settings: string[] | null, settler: string | null, settingsFingerprint: string,
  unfinishedReplays: number, deadLetters: number, deadLetterFigures: (string | null | false)[], isPublished?: number
]

/** The next batch of a rank, and how long it has waited; a retry waits from its due time on. */
export interface NextBatch {
  readonly id: string
  readonly rank: number
  readonly waitedMs: number
}

/** Findings of a reading beside its figures. */
export interface ReadingNotes {
  /** Keys of a wrong type, as Redis has them. */
  readonly damagedKeys: readonly string[]
  /** Names of keys with entries that were skipped. */
  readonly strangeEntries: readonly ('ledger' | 'due')[]
  /** The next batch of each rank. */
  readonly next: readonly NextBatch[]
  /** The process that settles; undefined if there is none. */
  readonly settler: string | undefined
  /** Whether it was published for the other processes; undefined if that was not asked for. */
  readonly isPublished: boolean | undefined
}

/**
 * Turns the flat answer of the script into a reading; tolerates any content of Redis.
 *
 * @param knownFleet used if the answer contains none
 */
export function decodeReading (reply: ReadReply, knownFleet: Fleet): { reading: QueueReading, notes: ReadingNotes } {
  const [
    redisTimeMs, booked, delayed, active, unsettled, waitingJobs, delayedJobs, unsettledJobs, failedJobs, isPaused,
    limiterTtlMs, fleetReply, control, memory, oldest, damagedKeys, rememberedIds, settings, settler, ,
    unfinishedReplays, deadLetters, deadLetterFigures, isPublished
  ] = reply
  const strange = new Set<ReadingNotes['strangeEntries'][number]>()
  const number = (text: string | undefined, from: 'ledger' | 'due') => {
    const value = Number(text)
    if (Number.isSafeInteger(value)) return value
    strange.add(from)
    return 0
  }
  const ledger = ledgerOf(Object.fromEntries(
    Object.entries(fields(booked)).map(([field, value]) => [field, number(value, 'ledger')])
  ))
  const { enqueued, requeued, adjusted, settled, done, dead, expired } = ledger.queue

  const delayedByPriority = Array.from({ length: PRIORITY_SLOTS }, () => 0)
  for (let index = 0; index < delayed.length; index += 2) {
    add(delayedByPriority, Number(delayed[index]), number(delayed[index + 1], 'due'))
  }
  const activeByPriority = eventsOf(active)
  const unsettledByPriority = eventsOf(unsettled)
  const fleet = fleetReply === null ? knownFleet : decodeFleet(fleetReply)
  const [bytes = 0, discarded = 0, replayed = 0] = deadLetterFigures.map((figure) => Number(figure) || 0)
  const { ages, next } = agesOf(oldest, redisTimeMs)
  const reading: QueueReading = {
    redisTimeMs,
    depthByPriority: enqueued.map((events, priority) => Math.max(0,
      events + at(requeued, priority) + at(adjusted, priority) - at(settled, priority) -
      at(delayedByPriority, priority) - at(unsettledByPriority, priority))),
    activeByPriority,
    delayedByPriority,
    enqueuedByPriority: enqueued,
    done: sum(done),
    dead: sum(dead),
    expired: sum(expired),
    ledger,
    balance: balanceOf(ledger),
    jobs: {
      waiting: waitingJobs, active: active.length, delayed: delayedJobs, unsettled: unsettledJobs, failed: failedJobs
    },
    isPaused: isPaused === 1,
    pausedForMs: Math.max(0, limiterTtlMs),
    oldestWaitingMsByPriority: ages,
    fleet,
    workers: workersOf(fleet),
    control: fields(control),
    memory: { usedBytes: at(memory, 0), maxBytes: at(memory, 1), machineBytes: at(memory, 2) },
    rememberedIds,
    unfinishedReplays,
    deadLetters: { kept: deadLetters, bytes: Math.max(0, bytes), discarded, replayed },
    settings: settings === null ? undefined : fields(settings)
  }
  const notes = {
    damagedKeys, strangeEntries: [...strange], next, settler: settler ?? undefined,
    isPublished: isPublished === undefined ? undefined : isPublished === 1
  }
  return { reading, notes }
}

/** Counts events by priority of batches with these ids. A batch that reappeared may be listed twice. */
function eventsOf (ids: readonly string[]): number[] {
  const events = Array.from({ length: PRIORITY_SLOTS }, () => 0)
  for (const id of new Set(ids)) {
    const batch = parseBatchId(id)
    if (batch !== undefined) add(events, batch.priority, batch.count)
  }
  return events
}

/**
 * Returns ages by priority, the larger of first tries and retries, from id, rank and time of the first batch of each
 * rank.
 */
function agesOf (
  flat: (string | number)[], nowMs: number
): { ages: (number | null)[], next: NextBatch[] } {
  const ages: (number | null)[] = Array.from({ length: PRIORITY_SLOTS }, () => null)
  const next: NextBatch[] = []
  for (let index = 0; index < flat.length; index += 3) {
    const [id, rank, since] = [flat[index] as string, Number(flat[index + 1]), Number(flat[index + 2])]
    const priority = parseBatchId(id)?.priority
    if (priority === undefined || priority >= PRIORITY_SLOTS) continue
    const waitedMs = Math.max(0, nowMs - (since || nowMs))
    ages[priority] = Math.max(ages[priority] ?? 0, waitedMs)
    next.push({ id, rank, waitedMs })
  }
  return { ages, next }
}

function fields (flat: string[]): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: flat.length / 2 }, (_, index) => [flat[index * 2], flat[index * 2 + 1]])
  )
}

function at (numbers: readonly number[], index: number): number {
  return numbers[index] ?? 0
}

function add (numbers: number[], index: number, amount: number): void {
  numbers[index] = at(numbers, index) + amount
}
