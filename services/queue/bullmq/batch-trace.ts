import type { Redis } from 'ioredis'
import { decodeEvents, type BatchData } from '../batch-data.ts'
import { decodeOutline, type EventOutline } from '../batch-outline.ts'
import type { BatchSettlement, Move } from '../batch.ts'
import { isIntact } from '../checksum.ts'
import type { QueueKeys } from '../keys.ts'
import { decodeRemembered, type Remembered } from '../remembered.ts'
import { loadJobScripts, type JobScripts } from './job-scripts.ts'
import { SCORES_PER_MS } from './scores.ts'

/** The state of a batch. Times in milliseconds of the epoch. */
export type BatchTrace =
  /** Not in Redis: not yet, no longer or never. */
  | { readonly state: 'missing' }
  /** Split, since some of its events were stored earlier; the others moved. */
  | { readonly state: 'void', readonly moves: readonly Move[], readonly secret?: string }
  | PresentBatch & { readonly state: 'waiting' }
  | PresentBatch & { readonly state: 'active' }
  /** BullMQ gave up on it; its events will become dead letters. */
  | PresentBatch & { readonly state: 'failed' }
  | PresentBatch & { readonly state: 'delayed', readonly dueMs: number }
  /** An event in none of `deadIndexes`, `expiredIndexes` and `moves` is done. */
  | {
      readonly state: 'settled'
      readonly settledMs: number
      readonly addedMs?: number
      readonly startedMs?: number
      readonly secret?: string
      readonly deadIndexes: readonly number[]
      readonly expiredIndexes: readonly number[]
      readonly moves: readonly Move[]
    }

interface PresentBatch {
  /** Proves ids of its events that are places. */
  readonly secret?: string
  readonly events: readonly EventOutline[]
  readonly addedMs: number
  /** When a worker last began it. */
  readonly startedMs?: number
}

type TraceReply = [
  state: BatchTrace['state'], addedMs?: string | null, startedMs?: string | null, secret?: string | null,
  ...rest: (string | null)[]
]

/** Finds batches and remembered events with one call of Redis each, whatever the length of the queue. */
export class BatchTracer {
  readonly #redis: Redis
  readonly #keys: QueueKeys
  readonly #scripts: JobScripts

  /** @param redis a connection made by connectForCommands */
  constructor (redis: Redis, keys: QueueKeys) {
    this.#redis = redis
    this.#keys = keys
    this.#scripts = loadJobScripts(redis)
  }

  async trace (batchId: string): Promise<BatchTrace> {
    const { jobs } = this.#keys
    const keys = [jobs.of(batchId), jobs.completed, jobs.failed, jobs.delayed, jobs.prioritized, jobs.active]
    return decodeTrace(batchId, await this.#scripts.run('trace', [...keys, batchId]) as TraceReply)
  }

  /** Returns the remembered events of digests, in order; undefined for an unknown one. */
  async remembered (digests: readonly string[]): Promise<(Remembered | undefined)[]> {
    if (digests.length === 0) return []
    const values = await this.#redis.mget(digests.map((digest) => this.#keys.seen(digest)))
    return values.map((value) => value === null ? undefined : decodeRemembered(value))
  }
}

function decodeTrace (batchId: string, [state, addedMs, startedMs, secret, ...rest]: TraceReply): BatchTrace {
  const known = {
    ...(addedMs && { addedMs: Number(addedMs) }),
    ...(startedMs && { startedMs: Number(startedMs) }),
    ...(secret && { secret })
  }
  if (state === 'missing') return { state }
  if (state === 'void') return { state, ...known, moves: settlementOf(rest[0]).moves ?? [] }
  if (state === 'settled') {
    const { deadIndexes = [], expiredIndexes = [], moves = [] } = settlementOf(rest[1])
    return { state, settledMs: Number(rest[0]), ...known, deadIndexes, expiredIndexes, moves }
  }
  const events = eventsOf(batchId, rest.at(-2), rest.at(-1))
  if (events === undefined) return { state: 'missing' }
  const present = { ...known, addedMs: Number(addedMs), events }
  return state === 'delayed'
    ? { state, ...present, dueMs: Math.floor(Number(rest[0]) / SCORES_PER_MS) }
    : { state, ...present }
}

/** Returns undefined for an unreadable batch. Batches of older versions have no outline, however large they are. */
function eventsOf (
  batchId: string,
  outline?: string | null,
  text?: string | null
): readonly EventOutline[] | undefined {
  const outlined = decodeOutline(outline)
  if (outlined !== undefined) return outlined
  if (!isIntact(batchId, text ?? '')) return undefined
  const data = parseObject(text) as BatchData | undefined
  return Array.isArray(data?.events) ? decodeEvents(batchId, data) : undefined
}

/** An invalid result means that somebody else finished the job. */
function settlementOf (json: string | null | undefined): Partial<BatchSettlement> {
  const { deadIndexes, expiredIndexes, moves } = parseObject(json) as Partial<BatchSettlement> ?? {}
  return {
    ...(Array.isArray(deadIndexes) && { deadIndexes }),
    ...(Array.isArray(expiredIndexes) && { expiredIndexes }),
    ...(Array.isArray(moves) && moves.every(isMove) && { moves })
  }
}

function isMove (move: unknown): boolean {
  return Array.isArray(move) && typeof move[0] === 'string' && Array.isArray(move[1])
}

/** Returns undefined for a text that is absent or damaged. */
function parseObject (json: string | null | undefined): object | undefined {
  try {
    const value: unknown = JSON.parse(json ?? '')
    return typeof value === 'object' && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
