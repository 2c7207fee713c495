import type { MemoryReading } from '../admission/memory.ts'
import type { Fleet, WorkerEntry } from '../fleet/member.ts'
import type { Balance } from '../ledger/balance.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** Numbers of kept dead letters, and of those that ever left. */
export interface DeadLetterFigures {
  readonly kept: number
  /** Their memory, without dead letters that an older version stored. */
  readonly bytes: number
  readonly discarded: number
  readonly replayed: number
}

/** The figures of one reading of the queue. Arrays are indexed by priority (slot 0 unused) and count events. */
export interface QueueReading {
  readonly redisTimeMs: number
  /** Waiting, prioritized and active; the depth of the controller. */
  readonly depthByPriority: readonly number[]
  readonly activeByPriority: readonly number[]
  /** Retries that are not yet due; not part of depth. */
  readonly delayedByPriority: readonly number[]
  /** Ever accepted. */
  readonly enqueuedByPriority: readonly number[]
  /** Events ever handled. */
  readonly done: number
  /** Events ever dead-lettered. */
  readonly dead: number
  /** Events that ever reached a worker after their deadlines. */
  readonly expired: number
  /** The bookings of all processes. */
  readonly ledger: Ledger
  readonly balance: Balance
  /** BullMQ's view, in jobs. `unsettled` are finished and not yet booked; BullMQ gave up on `failed` ones. */
  readonly jobs: Readonly<Record<'waiting' | 'active' | 'delayed' | 'unsettled' | 'failed', number>>
  /** Whether an operator has paused the workers. */
  readonly isPaused: boolean
  /** How long deliveries still wait because the consumer asked for a pause or fails; 0 if they do not wait. */
  readonly pausedForMs: number
  /** How long the next batch of each priority has waited, in milliseconds; null if none waits. */
  readonly oldestWaitingMsByPriority: readonly (number | null)[]
  /** The announced processes, as this process saw them last. */
  readonly fleet: Fleet
  /** The workers among them. */
  readonly workers: readonly WorkerEntry[]
  /** Fields shared by all replicas: circuit state, number of resets, number of changes of the fleet. */
  readonly control: Readonly<Record<string, string>>
  readonly memory: MemoryReading
  /** Number of remembered ids, of all processes. */
  readonly rememberedIds: number
  /** Number of replays that are not over. */
  readonly unfinishedReplays: number
  readonly deadLetters: DeadLetterFigures
  /** The settings of operators; undefined if the reader knows them. */
  readonly settings: Readonly<Record<string, string>> | undefined
  /** The shards that did not answer, whose figures are their last ones; absent or empty if all did. */
  readonly awayShards?: readonly number[]
}
