import type { MemoryReading } from '../admission/memory.ts'
import type { Balance } from '../ledger/balance.ts'
import type { Ledger } from '../ledger/ledger.ts'

/** Why a live worker takes no batch. */
export type HoldReason = 'no-handlers' | 'consumer-unreachable' | 'dead-letters-full'

/** A live worker process, as it announces itself. */
export interface WorkerEntry {
  readonly id: string
  readonly hostname: string
  readonly pid: number
  /** Batches in work at once. */
  readonly concurrency: number
  /** RFC 3339. */
  readonly startedAt: string
  /** Names of its handlers, in their order. */
  readonly handlers: readonly string[]
  /** Why it takes no batch now; empty while it does. */
  readonly holds: readonly HoldReason[]
}

/** The figures of one look at the queue. Arrays are indexed by priority (slot 0 unused) and count events. */
export interface QueueReading {
  readonly redisTimeMs: number
  /** Waiting, prioritized and active; what the controller calls depth. */
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
  /** The bookings of all processes. */
  readonly ledger: Ledger
  readonly balance: Balance
  /** BullMQ's own view, in jobs. `unsettled` are finished and not yet booked, `failed` those it gave up on. */
  readonly jobs: Readonly<Record<'waiting' | 'active' | 'delayed' | 'unsettled' | 'failed', number>>
  /** By an operator. */
  readonly isPaused: boolean
  /** How long deliveries still wait for the consumer, which asked for it or fails; 0 when they do not. */
  readonly pausedForMs: number
  /** For how long the batch has waited that is taken next of each priority, milliseconds; null where none waits. */
  readonly oldestWaitingMsByPriority: readonly (number | null)[]
  readonly workers: readonly WorkerEntry[]
  /** Fields shared by all replicas: circuit state, number of resets. */
  readonly control: Readonly<Record<string, string>>
  readonly memory: MemoryReading
  /** Ids of events that are remembered, by all processes. */
  readonly rememberedIds: number
  /** The settings that operators have made; undefined if the reader knows them. */
  readonly settings: Readonly<Record<string, string>> | undefined
}
