import type { MemoryReading } from '../admission/memory.ts'
import type { Fleet, WorkerEntry } from '../fleet/member.ts'
import type { Balance } from '../ledger/balance.ts'
import type { Ledger } from '../ledger/ledger.ts'

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
  /** The processes that announced themselves, as this process saw them last. */
  readonly fleet: Fleet
  /** Those that are workers. */
  readonly workers: readonly WorkerEntry[]
  /** Fields shared by all replicas: circuit state, number of resets, number of changes of the fleet. */
  readonly control: Readonly<Record<string, string>>
  readonly memory: MemoryReading
  /** Ids of events that are remembered, by all processes. */
  readonly rememberedIds: number
  /** The settings that operators have made; undefined if the reader knows them. */
  readonly settings: Readonly<Record<string, string>> | undefined
}
