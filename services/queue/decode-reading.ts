import { batchTimeMs, parseBatchId } from './batch.ts'
import { PRIORITY_SLOTS } from './keys.ts'
import type { QueueReading } from './reading.ts'

/** What lua/sample.lua answers. */
export type SampleReply = [
  nowMs: number, ledger: string[], delayed: string[], active: string[], waitingJobs: number, delayedJobs: number,
  unsettledJobs: number, failedJobs: number, isPaused: number, limiterTtlMs: number, workers: string[], control: string[], memoryPerMille: number,
  oldest: string[]
]

/** Turns the flat answer of the sample script into a reading. */
export function decodeReading (reply: SampleReply): QueueReading {
  const [redisTimeMs, ledger, delayed, active, waitingJobs, delayedJobs, unsettledJobs, failedJobs, isPaused, limiterTtlMs, workers, control, memoryPerMille, oldest] = reply
  const booked = amounts(ledger)
  const perPriority = (field: string) => Array.from({ length: PRIORITY_SLOTS }, (_, priority) => booked[`${field}:${priority}`] ?? 0)
  const total = (field: string) => perPriority(field).reduce((sum, events) => sum + events, 0)

  const delayedByPriority = Array.from({ length: PRIORITY_SLOTS }, () => 0)
  for (let index = 0; index < delayed.length; index += 2) add(delayedByPriority, Number(delayed[index]), Number(delayed[index + 1]))
  const activeByPriority = Array.from({ length: PRIORITY_SLOTS }, () => 0)
  for (const id of active) {
    const batch = parseBatchId(id)
    if (batch !== undefined) add(activeByPriority, batch.priority, batch.count)
  }
  const [enqueued, requeued, adjusted, settled] = ['enqueued', 'requeued', 'adjusted', 'settled'].map(perPriority) as [number[], number[], number[], number[]]
  return {
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
    oldestWaitingMsByPriority: agesOf(oldest, redisTimeMs),
    workers: workers.map((entry) => JSON.parse(entry)),
    control: fields(control),
    memoryUse: memoryPerMille / 1000
  }
}

/** Age by priority of batches that are given by id and, where that does not tell it, the time of their job. */
function agesOf (flat: string[], nowMs: number): (number | null)[] {
  const ages: (number | null)[] = Array.from({ length: PRIORITY_SLOTS }, () => null)
  for (let index = 0; index < flat.length; index += 2) {
    const id = flat[index] as string
    const priority = parseBatchId(id)?.priority
    const sinceMs = batchTimeMs(id) ?? Number(flat[index + 1])
    // Clocks of two machines are never quite the same.
    if (priority !== undefined && priority < PRIORITY_SLOTS) ages[priority] = Math.max(0, nowMs - (sinceMs || nowMs))
  }
  return ages
}

function fields (flat: string[]): Record<string, string> {
  return Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, index) => [flat[index * 2], flat[index * 2 + 1]]))
}

function amounts (flat: string[]): Record<string, number> {
  return Object.fromEntries(Object.entries(fields(flat)).map(([field, value]) => [field, Number(value)]))
}

function at (numbers: number[], index: number): number {
  return numbers[index] ?? 0
}

function add (numbers: number[], index: number, amount: number): void {
  numbers[index] = at(numbers, index) + amount
}
