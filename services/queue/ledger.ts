/*
 * Books events: how many went in, were put back, were settled, per priority, in one Redis hash. BullMQ counts jobs; depth is
 * asked for in events. Each booking happens in the same atomic step as the move of the job that it books (see lua/), so the
 * ledger and the jobs cannot come apart when a process or Redis is killed:
 *
 *   outstanding = enqueued + requeued + adjusted - settled        depth = outstanding - delayed (retries not yet due)
 */
import { readFileSync } from 'node:fs'
import type { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { parseBatchId } from './batch.ts'
import { PRIORITY_SLOTS } from './keys.ts'
import type { QueueReading } from './reading.ts'

const STUB_LIFE_MS = 10_000
const WORKER_ENTRY_LIFE_MS = 5_000
const MOST_SETTLED_AT_ONCE = 500
/** Retries are counted in buckets of this width by when they are due. */
const DUE_BUCKET_MS = 250
const RECOUNT_LEASE_MS = 8_000

/** Above this many jobs a recount would hold Redis up for too long, and waits until the queue is shorter. */
export const MOST_RECOUNTED_JOBS = 20_000

const COMMANDS = {
  spillwayCountBatch: { file: 'count-batch', numberOfKeys: 3 },
  spillwaySample: { file: 'sample', numberOfKeys: 12 },
  spillwayRecount: { file: 'recount', numberOfKeys: 8 },
  spillwaySettleFailed: { file: 'settle-failed', numberOfKeys: 3 }
} as const

type Command = keyof typeof COMMANDS

export type Booking = 'enqueued' | 'requeued'

/** Name and arguments of the script that books an added batch, to go into the MULTI of the add. */
export interface BookingCommand {
  readonly name: Command
  readonly args: (string | number)[]
}

export class Ledger {
  readonly #redis: Redis
  readonly #key: (name: string) => string

  constructor (redis: Redis, queue: Queue) {
    this.#redis = redis
    this.#key = (name) => queue.toKey(name)
    for (const [name, { file, numberOfKeys }] of Object.entries(COMMANDS)) {
      redis.defineCommand(name, { numberOfKeys, lua: readFileSync(new URL(`lua/${file}.lua`, import.meta.url), 'utf8') })
    }
  }

  /** The command that books a batch as enqueued (new) or requeued; `dueMs` is when a delayed one is due, milliseconds since the epoch. */
  bookingOf (batch: { id: string, priority: number, events: readonly unknown[] }, booking: Booking, dueMs?: number): BookingCommand {
    // Rounded down, so that a retry never counts as delayed when it already runs.
    const due = dueMs === undefined ? '' : Math.floor(dueMs / DUE_BUCKET_MS) * DUE_BUCKET_MS
    return {
      name: 'spillwayCountBatch',
      args: [this.#key(batch.id), this.#key('ledger'), this.#key('due'), booking, batch.priority, batch.events.length, due]
    }
  }

  /**
   * Settles finished jobs and reads the state of the queue, atomically.
   *
   * @param workerEntry JSON that announces this process as a live worker; it expires 5 s after the last time it was given
   */
  async sample (workerEntry = ''): Promise<QueueReading> {
    const keys = ['wait', 'prioritized', 'active', 'delayed', 'completed', 'failed', 'meta', 'limiter', 'ledger', 'due', 'workers', 'control']
    return decodeReading(await this.#run('spillwaySample', [
      ...keys.map(this.#key), this.#key(''), MOST_SETTLED_AT_ONCE, STUB_LIFE_MS, workerEntry, WORKER_ENTRY_LIFE_MS
    ]) as SampleReply)
  }

  /** Makes the ledger agree with the jobs. Answers by how many events it was off, -1 when it was not this call's turn. */
  async recount (): Promise<number> {
    const keys = ['wait', 'prioritized', 'active', 'delayed', 'completed', 'failed', 'ledger', 'recount-lease']
    return await this.#run('spillwayRecount', [...keys.map(this.#key), MOST_RECOUNTED_JOBS, RECOUNT_LEASE_MS]) as number
  }

  /** Books and removes a job that BullMQ gave up on, once its events are dead letters. */
  async settleFailed (jobId: string): Promise<void> {
    const { priority, count } = parseBatchId(jobId) ?? { priority: 0, count: 0 }
    await this.#run('spillwaySettleFailed', [this.#key('failed'), this.#key(jobId), this.#key('ledger'), jobId, priority, count])
  }

  /** Takes a worker off the list at once, instead of when its entry expires. */
  async removeWorker (workerEntry: string): Promise<void> {
    await this.#redis.zrem(this.#key('workers'), workerEntry)
  }

  /** Writes a field that all replicas see with their next sample. */
  async setControl (field: string, value: string): Promise<void> {
    await this.#redis.hset(this.#key('control'), field, value)
  }

  /** Counts a control field up and sets another in the same step; replicas act when they see that the count changed. */
  async bumpControl (field: string, alongside: { field: string, value: string }): Promise<void> {
    const key = this.#key('control')
    await this.#redis.multi().hset(key, alongside.field, alongside.value).hincrby(key, field, 1).exec()
  }

  #run (command: Command, args: (string | number)[]): Promise<unknown> {
    return (this.#redis as unknown as Record<Command, (...args: (string | number)[]) => Promise<unknown>>)[command](...args)
  }
}

type SampleReply = [
  nowMs: number, ledger: string[], delayed: string[], active: string[], waitingJobs: number, delayedJobs: number,
  unsettledJobs: number, failedJobs: number, isPaused: number, limiterTtlMs: number, workers: string[], control: string[], memoryPerMille: number
]

function decodeReading (reply: SampleReply): QueueReading {
  const [redisTimeMs, ledger, delayed, active, waitingJobs, delayedJobs, unsettledJobs, failedJobs, isPaused, limiterTtlMs, workers, control, memoryPerMille] = reply
  const booked = fields(ledger)
  const perPriority = (field: string) => Array.from({ length: PRIORITY_SLOTS }, (_, priority) => Number(booked[`${field}:${priority}`] ?? 0))
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
    jobs: { waiting: waitingJobs, active: active.length, delayed: delayedJobs, unsettled: unsettledJobs, failed: failedJobs },
    isPaused: isPaused === 1,
    pausedForMs: Math.max(0, limiterTtlMs),
    workers: workers.map((entry) => JSON.parse(entry)),
    control: fields(control),
    memoryUse: memoryPerMille / 1000
  }
}

function fields (flat: string[]): Record<string, string> {
  return Object.fromEntries(Array.from({ length: flat.length / 2 }, (_, index) => [flat[index * 2], flat[index * 2 + 1]]))
}

function at (numbers: number[], index: number): number {
  return numbers[index] ?? 0
}

function add (numbers: number[], index: number, amount: number): void {
  numbers[index] = at(numbers, index) + amount
}
