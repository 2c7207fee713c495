import { PRIORITY_SLOTS } from '../admission/priority-class.ts'
import { decodeFleet, workersOf, type Fleet, type FleetReply } from '../fleet/member.ts'
import { parseBatchId } from './batch.ts'
import { isRetryRank } from './rank.ts'
import type { QueueReading } from './reading.ts'

/** The answer of bullmq/lua/sample.lua. */
export type SampleReply = [
  nowMs: number, ledger: string[], delayed: string[], active: string[], waitingJobs: number, delayedJobs: number,
  unsettledJobs: number, failedJobs: number, isPaused: number, limiterTtlMs: number, fleet: FleetReply | null, control: string[], memory: number[],
  oldest: (string | number)[], damagedKeys: string[], rememberedIds: number, settings: string[] | null
]

/**
 * Findings of a sample beside its figures: keys that could not be read, and how long the first due retry of each class
 * has waited.
 */
export interface SampleNotes {
  /** Keys as Redis has them: of a wrong type, or with an entry that was taken out. */
  readonly damagedKeys: readonly string[]
  /** Names of keys with entries that were passed over. */
  readonly strangeEntries: readonly ('ledger' | 'due' | 'fleet')[]
  readonly waitingRetries: readonly { readonly id: string, readonly waitedMs: number }[]
}

/**
 * Turns the flat answer of the sample script into a reading, whatever anybody may have put into Redis.
 *
 * @param knownFleet stays if the answer has none
 */
export function decodeReading (reply: SampleReply, knownFleet: Fleet): { reading: QueueReading, notes: SampleNotes } {
  const [
    redisTimeMs, ledger, delayed, active, waitingJobs, delayedJobs, unsettledJobs, failedJobs, isPaused, limiterTtlMs,
    fleetReply, control, memory, oldest, damagedKeys, rememberedIds, settings
  ] = reply
  const strange = new Set<SampleNotes['strangeEntries'][number]>()
  const number = (text: string | undefined, from: 'ledger' | 'due') => {
    const value = Number(text)
    if (Number.isSafeInteger(value)) return value
    strange.add(from)
    return 0
  }
  const booked = Object.fromEntries(
    Object.entries(fields(ledger)).map(([field, value]) => [field, number(value, 'ledger')])
  )
  const perPriority = (field: string) => Array.from({ length: PRIORITY_SLOTS }, (_, priority) => booked[`${field}:${priority}`] ?? 0)
  const total = (field: string) => perPriority(field).reduce((sum, events) => sum + events, 0)

  const delayedByPriority = Array.from({ length: PRIORITY_SLOTS }, () => 0)
  for (let index = 0; index < delayed.length; index += 2) {
    add(delayedByPriority, Number(delayed[index]), number(delayed[index + 1], 'due'))
  }
  const activeByPriority = Array.from({ length: PRIORITY_SLOTS }, () => 0)
  // A batch that turned up again may be there twice.
  for (const id of new Set(active)) {
    const batch = parseBatchId(id)
    if (batch !== undefined) add(activeByPriority, batch.priority, batch.count)
  }
  const fleet = fleetReply === null ? knownFleet : decodeFleet(fleetReply)
  if (fleet.skipped > 0) strange.add('fleet')
  const [enqueued, requeued, adjusted, settled] = ['enqueued', 'requeued', 'adjusted', 'settled'].map(perPriority) as [number[], number[], number[], number[]]
  const { ages, waitingRetries } = agesOf(oldest, redisTimeMs)
  const reading: QueueReading = {
    redisTimeMs,
    depthByPriority: enqueued.map((events, priority) => Math.max(0,
      events + at(requeued, priority) + at(adjusted, priority) - at(settled, priority) - at(delayedByPriority, priority))),
    activeByPriority,
    delayedByPriority,
    enqueuedByPriority: enqueued,
    done: total('done'),
    dead: total('dead'),
    ledger: booked,
    jobs: { waiting: waitingJobs, active: active.length, delayed: delayedJobs, unsettled: unsettledJobs, failed: failedJobs },
    isPaused: isPaused === 1,
    pausedForMs: Math.max(0, limiterTtlMs),
    oldestWaitingMsByPriority: ages,
    fleet,
    workers: workersOf(fleet),
    control: fields(control),
    memory: { usedBytes: at(memory, 0), maxBytes: at(memory, 1), machineBytes: at(memory, 2) },
    rememberedIds,
    settings: settings === null ? undefined : fields(settings)
  }
  return { reading, notes: { damagedKeys, strangeEntries: [...strange], waitingRetries } }
}

/**
 * Ages by priority, of first tries and retries whichever has waited longer, from id, rank and time of the first batch
 * of each rank.
 */
function agesOf (
  flat: (string | number)[], nowMs: number
): { ages: (number | null)[], waitingRetries: { id: string, waitedMs: number }[] } {
  const ages: (number | null)[] = Array.from({ length: PRIORITY_SLOTS }, () => null)
  const waitingRetries: { id: string, waitedMs: number }[] = []
  for (let index = 0; index < flat.length; index += 3) {
    const [id, rank, since] = [flat[index] as string, Number(flat[index + 1]), Number(flat[index + 2])]
    const priority = parseBatchId(id)?.priority
    if (priority === undefined || priority >= PRIORITY_SLOTS) continue
    const waitedMs = Math.max(0, nowMs - (since || nowMs))
    ages[priority] = Math.max(ages[priority] ?? 0, waitedMs)
    if (isRetryRank(rank)) waitingRetries.push({ id, waitedMs })
  }
  return { ages, waitingRetries }
}

function fields (flat: string[]): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: flat.length / 2 }, (_, index) => [flat[index * 2], flat[index * 2 + 1]])
  )
}

function at (numbers: number[], index: number): number {
  return numbers[index] ?? 0
}

function add (numbers: number[], index: number, amount: number): void {
  numbers[index] = at(numbers, index) + amount
}
