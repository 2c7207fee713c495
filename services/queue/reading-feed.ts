/*
 * The readings that another process takes for this one. The process with the lease reads the queue, and its script
 * publishes each answer on a channel (bullmq/lua/read.lua). All others hear of it on a connection of their own, and send
 * no command to read. A process reads itself
 *
 *   - until the first reading has come, and whenever none came for two intervals: the process with the lease has died,
 *     hangs, is slow, or may not publish
 *   - if a reading names settings or a fleet that it does not know, or another process than the one with the lease
 *   - after a loss of its connection for commands, until it has read: it could not store events either
 *
 * So nothing depends on the channel but the number of commands.
 */
import type { Redis } from 'ioredis'
import { decodeMove, type HeardMove } from './circuit-keeper.ts'
import { ReadingAge } from './reading-age.ts'
import type { QueueReading } from './reading.ts'
import { STALE_AFTER_INTERVALS } from './sampler.ts'
import type { Shards } from './shards.ts'

/** A process reads itself when it has heard nothing for so many intervals. */
const PATIENCE_INTERVALS = 2

/** A connection that hears nothing for this long is replaced; the next get twice as long each, up to the longest time. */
const SILENCE_MS = 2_000
const LONGEST_SILENCE_MS = 60_000

export interface ReadingFeedOptions {
  readonly queue: Pick<Shards, 'adopt' | 'isFollower' | 'isReader' | 'keys' | 'keysOfShards'>
  /** Opens the connection; without it the process always reads itself. */
  readonly open: (() => Redis) | undefined
  readonly intervalMs: number
  /** Milliseconds, of any clock that does not go back. */
  readonly now: () => number
  /** Returns the fingerprint of the known settings. */
  readonly knownSettings: () => string
  readonly onReading: (reading: QueueReading) => void
  /** Called when another process has moved the circuit. */
  readonly onMove: (move: HeardMove) => void
  /** Called if Redis does not let this user subscribe. */
  readonly onRefused: (error: Error) => void
}

export class ReadingFeed {
  readonly #options: ReadingFeedOptions
  readonly #age = new ReadingAge()
  #redis: Redis | undefined
  #openedAt = 0
  #openAgainAt = -Infinity
  #silenceMs = SILENCE_MS
  #heardAt = -Infinity
  #latestMs = -Infinity
  #heard = 0
  /** The messages of this turn, the last of each channel. */
  readonly #latest = new Map<string, string>()
  #mustRead = true

  constructor (options: ReadingFeedOptions) {
    this.#options = options
  }

  /** Number of adopted readings. */
  get heard (): number { return this.#heard }

  /** Whether it listens. */
  get isOpen (): boolean { return this.#redis !== undefined }

  /** Whether the last reading, or one that has just arrived, makes one of this process unnecessary. */
  get isFresh (): boolean {
    const { intervalMs, now } = this.#options
    const isHeard = this.#latest.size > 0 || now() - this.#heardAt < PATIENCE_INTERVALS * intervalMs
    return isHeard && !this.#mustRead
  }

  /** Takes in an answer of Redis that names its time. */
  observe (sentAt: number, redisTimeMs: number): void {
    this.#age.observe(sentAt, redisTimeMs)
  }

  /** This process has read: it listens from now on if another one has the lease, and only then. */
  haveRead ({ redisTimeMs }: QueueReading): void {
    this.#mustRead = false
    this.#latestMs = redisTimeMs
    const { open, queue, now } = this.#options
    if (queue.isReader) this.close()
    else if (this.#redis === undefined) {
      const isDue = queue.isFollower && now() >= this.#openAgainAt
      if (open !== undefined && isDue) this.#listen(open())
    } else if (now() - Math.max(this.#openedAt, this.#heardAt) >= this.#silenceMs) {
      this.close()
      this.#silenceMs = Math.min(2 * this.#silenceMs, LONGEST_SILENCE_MS)
    }
  }

  /** Commands fail: nothing counts until this process has read. */
  lose (): void {
    this.#mustRead = true
  }

  close (): void {
    this.#redis?.disconnect()
    this.#redis = undefined
    this.#latest.clear()
  }

  #listen (redis: Redis): void {
    const { queue, now, onRefused } = this.#options
    this.#redis = redis
    this.#openedAt = now()
    // The connection for commands reports a Redis that cannot be reached.
    redis.on('error', () => {})
    const moves = queue.keys.circuitMoves
    redis.on('message', (channel: string, text: string) => {
      if (this.#redis !== redis) return
      if (channel === moves) {
        this.#move(text)
        return
      }
      const isWaiting = this.#latest.size > 0
      this.#latest.set(channel, text)
      // After a pause of this process many arrive together, and the answers to its own writes with them.
      if (!isWaiting) setImmediate(() => this.#take())
    })
    redis.subscribe(moves, ...queue.keysOfShards.map(({ readings }) => readings)).catch((error: Error) => {
      if (this.#redis !== redis) return
      this.close()
      this.#openAgainAt = now() + LONGEST_SILENCE_MS
      onRefused(error)
    })
  }

  /** Moves are rare, and each counts at once. One that came late is worth no more than a reading of its time. */
  #move (text: string): void {
    const { now, intervalMs, onMove } = this.#options
    const move = decodeMove(text)
    const isRecent = move !== undefined &&
      this.#age.at(move.redisTimeMs, now()) <= STALE_AFTER_INTERVALS * intervalMs
    if (isRecent && !this.#mustRead) onMove(move)
  }

  #take (): void {
    const first = this.#options.queue.keysOfShards[0]!.readings
    const [texts, ofFirst] = [[...this.#latest], this.#latest.get(first)]
    this.#latest.clear()
    if (this.#mustRead) return
    // The reading of the first shard is the sum, so it comes last.
    for (const [channel, text] of texts) if (channel !== first) this.#adopt(channel, text)
    if (ofFirst !== undefined) this.#adopt(first, ofFirst)
  }

  #adopt (channel: string, text: string): void {
    const { queue, intervalMs, now, knownSettings, onReading } = this.#options
    const at = now()
    const mostAgeMs = STALE_AFTER_INTERVALS * intervalMs
    const isRecent = (redisTimeMs: number) => this.#age.at(redisTimeMs, at) <= mostAgeMs
    const isCurrent = (redisTimeMs: number) => redisTimeMs >= this.#latestMs && isRecent(redisTimeMs)
    const reading = queue.adopt(channel, text, { settings: knownSettings(), isCurrent, isRecent, now: at, mostAgeMs })
    if (reading === undefined) return
    if (reading === 'insufficient') {
      this.#mustRead = true
      return
    }
    this.#heard++
    this.#heardAt = at
    this.#latestMs = reading.redisTimeMs
    this.#silenceMs = SILENCE_MS
    onReading(reading)
  }
}
