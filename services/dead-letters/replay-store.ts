/*
 * Keeps replays in Redis: their selection, their progress, and the lease of the process that works on them. Only the
 * holder of the lease may change a replay, and each change is atomic, so a process that lost the lease during a long
 * pause changes nothing.
 */
import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { placeId, type Batch } from '../queue/batch.ts'
import type { Shards } from '../queue/shards.ts'
import { VOID_LIFE_MS } from '../queue/batch-steps.ts'
import type { QueueKeys } from '../queue/keys.ts'
import { isDamage, type Repair } from '../queue/repair.ts'
import { Scripts } from '../redis/scripts.ts'
import { scanKeys } from '../redis/scan-keys.ts'
import { GONE_LIFE_MS } from './dead-letter-store.ts'
import { decodeReplay, selectionOf } from './decode-replay.ts'
import { isOver, type Replay, type ReplaySelection, type ReplayWork } from './replay.ts'

const KEY_COUNTS = {
  'create-replay': 4,
  'cancel-replay': 3,
  'replay-turn': 2,
  'release-replays': 1,
  'record-replay': 4,
  'take-dead-letters': 6
} as const

/** Most replays that are kept: all unfinished ones, and the latest finished ones. */
const MOST_REPLAYS = 1_000
export const MOST_UNFINISHED_REPLAYS = 100
/** Most of them that the operators of one organization may begin, so that others can too. */
export const MOST_UNFINISHED_OF_ORGANIZATION = 20

const REPLAY_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** How long a silent process keeps the lease. */
export const REPLAY_LEASE_MS = 5_000

/** The bound on unfinished replays that is reached: that of the service, or that of one organization. */
export type TooManyReplays = 'full' | 'organization-full'

export type BeginOutcome = { readonly begun: Replay } | { readonly tooMany: TooManyReplays }

/** The result of a try to move dead letters: `gone` if one of them no longer existed. */
export type TakeOutcome = 'moved' | 'no-lease' | 'over' | 'gone'

export class ReplayStore {
  readonly #redis: Redis
  readonly #queue: Shards
  readonly #keys: QueueKeys
  readonly #leaseMs: number
  readonly #markLifeMs: number
  readonly #repair: Repair
  readonly #scripts: Scripts<keyof typeof KEY_COUNTS>
  /** Names this process as the holder of the lease. */
  readonly #token = randomUUID()

  /** @param markLifeMs how long it is known where the event of a dead letter went */
  constructor (redis: Redis, queue: Shards, leaseMs = REPLAY_LEASE_MS, markLifeMs = GONE_LIFE_MS) {
    this.#redis = redis
    this.#queue = queue
    this.#keys = queue.keys
    this.#leaseMs = leaseMs
    this.#markLifeMs = Math.max(markLifeMs, GONE_LIFE_MS)
    this.#scripts = new Scripts(redis, import.meta.url, KEY_COUNTS)
    this.#repair = queue.repair
    const rebuild = () => this.#rebuild()
    this.#repair.watch([
      { key: this.#keys.replays, type: 'zset', rebuild },
      { key: this.#keys.unfinishedReplays, type: 'zset', rebuild },
      { key: this.#keys.replayLease, type: 'string', numbers: 'lease' }
    ])
  }

  /**
   * Begins a replay, unless too many are unfinished.
   *
   * @param matched the number of its dead letters
   * @param until score of the last dead letter that may be part of it
   * @param within the organization that it belongs to, and that alone sees it besides operators of the whole service
   */
  async create (
    selection: ReplaySelection, matched: number, until: string, within?: string
  ): Promise<BeginOutcome> {
    const id = randomUUID()
    const ids = 'ids' in selection ? selection.ids : undefined
    const fields = {
      matched,
      total: ids?.length ?? matched,
      until,
      ...(within !== undefined && { organizationId: within }),
      ...('filter' in selection && { filter: JSON.stringify(selection.filter) })
    }
    const { replays, unfinishedReplays, replayPrefix, replayIdsPrefix } = this.#keys
    const outcome = await this.#run('create-replay', [
      replays,
      unfinishedReplays,
      this.#keys.replay(id),
      this.#keys.replayIds(id),
      MOST_REPLAYS,
      MOST_UNFINISHED_REPLAYS,
      MOST_UNFINISHED_OF_ORGANIZATION,
      within ?? '',
      replayPrefix,
      replayIdsPrefix,
      id,
      ids === undefined ? '' : JSON.stringify(ids),
      ...Object.entries(fields).flat()
    ]) as 'created' | TooManyReplays
    if (outcome !== 'created') return { tooMany: outcome }
    const begun = await this.get(id)
    if (begun === undefined) throw new Error(`replay ${id} was deleted when it began`)
    return { begun }
  }

  /** @param within the organization whose replays may be seen; all by default */
  async get (id: string, within?: string): Promise<Replay | undefined> {
    if (!REPLAY_ID.test(id)) return undefined
    const key = this.#keys.replay(id)
    try {
      const fields = await this.#redis.hgetall(key)
      const replay = decodeReplay(id, fields)
      if (within !== undefined && fields.organizationId !== within) return undefined
      if (replay === undefined && fields.status !== undefined) this.#repair.report({ key })
      return replay
    } catch (error) {
      if (!isDamage(error)) throw error
      this.#repair.report({ key })
      return undefined
    }
  }

  /**
   * Returns the latest replays, latest first.
   *
   * @param within the organization whose replays may be seen; all by default
   */
  async latest (count: number, within?: string): Promise<Replay[]> {
    // Those of one organization may be anywhere among them.
    const looked = within === undefined ? count : MOST_REPLAYS
    const ids = await this.#repair.guard(() => this.#redis.zrevrange(this.#keys.replays, 0, looked - 1))
    const replays = await Promise.all(ids.map((id) => this.get(id, within)))
    return replays.filter((replay) => replay !== undefined).slice(0, count)
  }

  /** Cancels a replay, and returns whether it was unfinished; undefined if there is no such replay. */
  async cancel (id: string): Promise<boolean | undefined> {
    if (!REPLAY_ID.test(id)) return undefined
    const status = await this.#run('cancel-replay', [
      this.#keys.replay(id),
      this.#keys.replayIds(id),
      this.#keys.unfinishedReplays,
      id
    ]).catch(async (error: unknown) => {
      if (!isDamage(error)) throw error
      await this.#setAside(id)
      return null
    }) as Replay['status'] | null
    return status === null ? undefined : status === 'running' || status === 'paused'
  }

  /** Takes or renews the lease while there are unfinished replays. */
  async turn (): Promise<{ isOurs: boolean, unfinished: readonly string[] }> {
    const [isOurs, ...unfinished] = await this.#run('replay-turn', [
      this.#keys.replayLease,
      this.#keys.unfinishedReplays,
      this.#token,
      this.#leaseMs
    ]) as [number, ...string[]]
    return { isOurs: isOurs === 1, unfinished }
  }

  /** Releases the lease, so another process can continue immediately. */
  async release (): Promise<void> {
    await this.#run('release-replays', [this.#keys.replayLease, this.#token])
  }

  /** Returns the remaining work of a replay. Ends an unreadable replay, so it does not block the others. */
  async work (id: string): Promise<ReplayWork | undefined> {
    const key = this.#keys.replay(id)
    try {
      const [[filter, cursor, until], ids] = await Promise.all([
        this.#redis.hmget(key, 'filter', 'cursor', 'until'),
        this.#redis.get(this.#keys.replayIds(id))
      ])
      const selection = selectionOf(filter, ids)
      if (
        selection !== undefined &&
        typeof until === 'string' &&
        /^\d{1,16}$/.test(until) &&
        (cursor == null || /^\d{1,16}$/.test(cursor))
      ) {
        return { id, selection, cursor: cursor ?? undefined, until }
      }
    } catch (error) {
      if (!isDamage(error)) throw error
    }
    this.#repair.report({ key })
    await this.#redis.zrem(this.#keys.unfinishedReplays, id)
    await this.cancel(id)
    return undefined
  }

  /** Renames the key of a replay that is not a hash. */
  async #setAside (id: string): Promise<void> {
    const key = this.#keys.replay(id)
    await this.#redis
      .multi()
      .rename(key, this.#keys.aside(key, randomUUID()))
      .zrem(this.#keys.replays, id)
      .zrem(this.#keys.unfinishedReplays, id)
      .exec()
    this.#repair.report({ key })
  }

  /** Rebuilds the list of replays from their keys. Runs within a repair, so it must not wait for one. */
  async #rebuild (): Promise<void> {
    for await (const names of scanKeys(this.#redis, this.#keys.replayPrefix, '*-*')) {
      for (const id of names.filter((name) => REPLAY_ID.test(name))) {
        const replay = await this.get(id)
        if (replay === undefined) continue
        const createdMs = Date.parse(replay.createdAt)
        await this.#redis.zadd(this.#keys.replays, createdMs, id)
        if (!isOver(replay)) await this.#redis.zadd(this.#keys.unfinishedReplays, createdMs, id)
      }
    }
  }

  #run (name: keyof typeof KEY_COUNTS, args: readonly (string | number)[]): Promise<unknown> {
    return this.#repair.guard(() => this.#scripts.run(name, args))
  }

  /** Records the state of an unfinished replay: its status with the reason, or its cursor. */
  async record (
    id: string,
    { status, reason, cursor }: { status?: 'running' | 'paused' | 'done', reason?: string | undefined, cursor?: string }
  ): Promise<void> {
    await this.#run('record-replay', [
      this.#keys.replay(id),
      this.#keys.replayIds(id),
      this.#keys.replayLease,
      this.#keys.unfinishedReplays,
      this.#token,
      id,
      status ?? '',
      reason ?? '',
      cursor ?? ''
    ])
  }

  /**
   * Moves dead letters into the queue as one batch, all or none, and counts them as replayed in the same step.
   *
   * @param letterIds of the events of the batch, in order
   * @param cursor of the replay after the move; undefined if it has to scan the same page again
   */
  async move (
    id: string,
    batch: Batch,
    deadLetterIds: readonly string[],
    cursor: string | undefined
  ): Promise<{ outcome: TakeOutcome, redisTimeMs: number }> {
    const { replayLease, deadLetters, deadLetterFigures, deadLetterGroups, deadLetterPrefix } = this.#keys
    const take = this.#scripts.step('take-dead-letters', [
      this.#keys.jobs.of(batch.id),
      this.#keys.replay(id),
      replayLease,
      deadLetters,
      deadLetterFigures,
      deadLetterGroups,
      this.#token,
      deadLetterPrefix,
      VOID_LIFE_MS,
      this.#markLifeMs,
      cursor ?? '',
      ...deadLetterIds.flatMap((
        deadLetterId,
        index
      ) => [deadLetterId, placeId(batch.id, index), batch.events[index]?.id ?? ''])
    ])
    const [outcome, redisTimeMs] = await this.#queue.of(batch.id).addWith(take, batch, 'replay') as [
      TakeOutcome,
      number
    ]
    return { outcome, redisTimeMs }
  }
}
