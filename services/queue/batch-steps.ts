/*
 * Builds the commands of the atomic step that adds a batch: the checks before the add, and the bookings after it. Sends
 * nothing.
 */
import type { Redis } from 'ioredis'
import type { QueuedEvent } from '../event/event.ts'
import { Scripts } from '../redis/scripts.ts'
import type { ScriptCommand } from './atomic-scripts.ts'
import { placeId, type Batch } from './batch.ts'
import { loadJobScripts, type JobScripts } from './bullmq/job-scripts.ts'
import type { Charge } from '../organizations/fair-order.ts'
import type { IdLife } from './id-life.ts'
import type { QueueKeys } from './keys.ts'
import type { Merger } from './merged-batch.ts'
import { encodeRemembered } from './remembered.ts'

/** The life of the stub of a voided batch: longer than a late try of the same add can take. */
export const VOID_LIFE_MS = 60_000

/** The width of the buckets in which retries are counted by due time. */
export const DUE_BUCKET_MS = 250

/** Remembered ids are counted by expiry in at most this many buckets, none narrower than DUE_BUCKET_MS. */
const MOST_BUCKETS = 64
const LEAST_BUCKET_MS = 1_000

/** Most finished, unsettled batches that a reading, and a check for room, subtracts from the depth. */
export const MOST_UNSETTLED_NAMED = 1_000

/**
 * The counter that bounds the depth is computed again after this time, for the case that a process of an earlier
 * version adds batches beside it.
 */
const DEPTH_BOUND_LIFE_MS = 1_000

const KEY_COUNTS = { 'require-sync': 1 } as const

export type Booking = 'enqueued' | 'requeued'

/** How long batches and their events are remembered; milliseconds. */
export interface StepOptions {
  /** For the key of an event. */
  idempotencyTtlMs: number
  /** The present life of ids; `idempotencyTtlMs` by default. */
  idLife?: IdLife
  /** For the end of a batch. */
  receiptTtlMs: number
}

export class BatchSteps {
  readonly #keys: QueueKeys
  readonly #scripts: Scripts<keyof typeof KEY_COUNTS>
  readonly #jobScripts: JobScripts
  readonly #options: StepOptions

  constructor (redis: Redis, keys: QueueKeys, options: StepOptions) {
    this.#keys = keys
    this.#options = options
    this.#scripts = new Scripts(redis, import.meta.url, KEY_COUNTS)
    this.#jobScripts = loadJobScripts(redis)
  }

  get #idLifeMs (): number { return this.#options.idLife?.ms ?? this.#options.idempotencyTtlMs }

  /** The life of a stub that records the new places of events. */
  get stubLifeMs (): number { return Math.max(this.#options.receiptTtlMs, VOID_LIFE_MS) }

  /** Returns the command that fails the step with this text if Redis writes no append-only file. */
  syncRequirementOf (batch: Batch, text: string): ScriptCommand {
    return this.#scripts.step('require-sync', [this.#keys.jobs.of(batch.id), text])
  }

  /**
   * Returns the command that fails the step with this text if the queue has no room for a batch; undefined for a batch
   * without a bound.
   */
  roomOf ({ id, events, mostDepth }: Batch, text: string): ScriptCommand | undefined {
    const { jobs, depthBound, ledger, due } = this.#keys
    return mostDepth === undefined ? undefined : this.#jobScripts.step('room', [
      jobs.of(id), depthBound, ledger, due, jobs.completed,
      events.length, mostDepth, text, DEPTH_BOUND_LIFE_MS, MOST_UNSETTLED_NAMED
    ])
  }

  /**
   * Returns the command that remembers the keys of a batch or finds those already known; undefined for a batch without
   * keys.
   */
  rememberingOf (batch: Batch): ScriptCommand | undefined {
    const { id, events, keys } = batch
    const { idempotencyTtlMs } = this.#options
    if (idempotencyTtlMs === 0) return undefined
    const bucketMs = Math.max(LEAST_BUCKET_MS, Math.ceil(idempotencyTtlMs / MOST_BUCKETS))
    const keyed = keys?.flatMap((key, index) => {
      return key === null ? [] : [index, key, encodeRemembered(placeId(id, index), events[index] as QueuedEvent)]
    }) ?? []
    if (keyed.length === 0) return undefined
    return this.#jobScripts.step('remember', [
      this.#keys.jobs.of(id),
      this.#keys.seenCounts,
      this.#keys.seenPrefix,
      this.#idLifeMs,
      id,
      VOID_LIFE_MS,
      bucketMs,
      ...keyed
    ])
  }

  /**
   * Returns the command that puts the parts of a batch into the queue with it, and answers the parts that are there
   * already. It follows the command of rememberingOf, if there is one.
   */
  absorbingOf ({ whole, parts }: Merger, isRemembered: boolean): ScriptCommand {
    return this.#jobScripts.step('absorb', [
      this.#keys.jobs.of(whole.id),
      this.#keys.jobs.prefix,
      this.stubLifeMs,
      whole.id,
      VOID_LIFE_MS,
      isRemembered ? '1' : '0',
      ...parts.flatMap(({ batch, move }) => [batch.id, JSON.stringify({ moves: [move] }), batch.secret ?? ''])
    ])
  }

  /**
   * Returns the command that books a batch as enqueued (new) or requeued.
   *
   * @param delayMs the delay of a retry, 0 for none; due by the clock of Redis
   * @param parentId the batch from which requeued events come
   * @param outline of a large batch, see batch-outline.ts
   * @param hasRoom whether the command of roomOf is in the same step
   */
  bookingOf (
    batch: Batch,
    booking: Booking,
    { delayMs = 0, parentId = batch.id, outline = '', hasRoom = false }: {
      delayMs?: number,
      parentId?: string | undefined,
      outline?: string,
      hasRoom?: boolean
    } = {}
  ): ScriptCommand {
    return this.#jobScripts.step('count-batch', [
      this.#keys.jobs.of(batch.id), this.#keys.ledger, this.#keys.due, this.#keys.jobs.of(parentId),
      this.#keys.seenMark(batch.id), this.#keys.depthBound,
      booking,
      batch.priority,
      batch.events.length,
      delayMs,
      DUE_BUCKET_MS,
      batch.keys === undefined ? 0 : this.#idLifeMs,
      batch.secret ?? '',
      outline,
      // The counter ends before events that are put off for longer are due.
      hasRoom || delayMs >= DEPTH_BOUND_LIFE_MS + DUE_BUCKET_MS ? 1 : 0
    ])
  }

  /** Returns the command that prevents all later ones in the same step unless a worker holds the lock of a batch. */
  guardOf (batchId: string, token: string): ScriptCommand {
    return { ...this.#jobScripts.step('holds-lock', [this.#keys.jobs.lockOf(batchId), token]), isGuard: true }
  }

  /** Returns the command that places a new batch before batches of younger events. */
  placingOf ({ id }: Batch, rank: number, ageMs: number): ScriptCommand {
    return this.#jobScripts.step('place', [
      this.#keys.jobs.prioritized,
      this.#keys.jobs.of(id),
      this.#keys.finishes,
      id,
      rank,
      ageMs,
      this.#keys.jobs.prefix
    ])
  }

  /** Returns the command that gives a new batch its place in a fair order; it precedes the command of bookingOf. */
  orderingOf ({ id }: Batch, rank: number, charges: readonly Charge[]): ScriptCommand {
    const { jobs, finishes } = this.#keys
    return this.#jobScripts.step('order', [
      jobs.prioritized, jobs.of(id), finishes, jobs.priorityCounter,
      id,
      rank,
      ...charges.flatMap(({ flow, first, whole }) => [flow.name, first, whole])
    ])
  }

  /** Returns the command that makes a new batch count as stalled. */
  markingOf (batch: Batch): ScriptCommand {
    return this.#jobScripts.step('mark-stalled', [this.#keys.jobs.of(batch.id)])
  }
}
