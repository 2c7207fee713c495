/*
 * Reads the key set of the identity provider: at the start, at an interval, and when a token names a key that is not
 * known, but no more often than the cool-down allows. So a flood of tokens with made-up keys reaches nobody else. While
 * the provider is away, the known keys stay. No request waits for a reading.
 */
import { get } from '../delivery/post.ts'
import type { Outbound } from '../delivery/outbound.ts'
import { parseKeySet, type SigningKey, SigningKeys } from './signing-keys.ts'

/** The least time between two readings. */
export const COOL_DOWN_MS = 5_000

const TIMEOUT_MS = 5_000

/** A key with a chain of certificates has about 8 KB. */
const MOST_BYTES = 1_048_576

export interface KeySetOptions {
  url: string
  outbound: Outbound
  refreshMs: number
  /** Milliseconds since 1970. */
  now: () => number
  /** Monotonic milliseconds. */
  elapsed: () => number
  /** Called with the number of keys after the first reading, and after each that ends an absence of the provider. */
  onRead: (keys: number) => void
  /** Called with each failure; the known keys stay. */
  onFailed: (error: Error) => void
}

export class KeySet {
  readonly #options: KeySetOptions
  readonly #keys = new SigningKeys()
  readonly #closing = new AbortController()
  readonly #coolDownMs: number
  #reading: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined
  #triedAt = -Infinity
  #readAtMs: number | undefined
  #isAway = false

  constructor (options: KeySetOptions) {
    this.#options = options
    this.#coolDownMs = Math.min(COOL_DOWN_MS, options.refreshMs)
  }

  /** When the reading in force began, milliseconds since 1970; undefined before the first. */
  get readAtMs (): number | undefined { return this.#readAtMs }

  /** Seconds since the reading in force; undefined before the first. */
  get ageSeconds (): number | undefined {
    return this.#readAtMs === undefined ? undefined : (this.#options.now() - this.#readAtMs) / 1_000
  }

  /** Whether the last reading failed. */
  get isAway (): boolean { return this.#isAway }

  get isReading (): boolean { return this.#reading !== undefined }

  get size (): number { return this.#keys.size }

  find (id: string | undefined): SigningKey | undefined {
    return this.#keys.find(id)
  }

  /** Reads the set again, unless it was tried within the cool-down. Settles with the reading that goes on, if any. */
  async refresh (): Promise<void> {
    if (this.#closing.signal.aborted) return
    if (this.#reading === undefined && this.#options.elapsed() - this.#triedAt >= this.#coolDownMs) this.#begin()
    await this.#reading
  }

  /** Ends the readings. */
  async close (): Promise<void> {
    this.#closing.abort()
    clearTimeout(this.#timer)
    await this.#reading
  }

  #begin (): void {
    clearTimeout(this.#timer)
    this.#triedAt = this.#options.elapsed()
    this.#reading = this.#read().finally(() => {
      this.#reading = undefined
      if (this.#closing.signal.aborted) return
      this.#timer = setTimeout(() => this.#begin(), this.#isAway ? this.#coolDownMs : this.#options.refreshMs).unref()
    })
  }

  async #read (): Promise<void> {
    const { now, onRead, onFailed } = this.#options
    const beganAtMs = now()
    try {
      this.#keys.adopt(parseKeySet(await this.#fetch()))
      const isNews = this.#readAtMs === undefined || this.#isAway
      this.#readAtMs = beganAtMs
      this.#isAway = false
      if (isNews) onRead(this.size)
    } catch (error) {
      if (this.#closing.signal.aborted) return
      this.#isAway = true
      onFailed(error as Error)
    }
  }

  async #fetch (): Promise<string> {
    const { url, outbound } = this.#options
    const result = await get(url, {
      headers: { accept: 'application/jwk-set+json, application/json' },
      signal: this.#closing.signal,
      timeoutMs: TIMEOUT_MS,
      maxAnswerBytes: MOST_BYTES,
      outbound
    })
    if (result.kind === 'failed') throw new Error(result.reason)
    if (result.kind !== 'answered') throw new Error(result.kind)
    if (result.status !== 200) throw new Error(`the provider answered ${result.status}`)
    if (result.body === undefined) throw new Error(`the answer broke off, or has more than ${MOST_BYTES} bytes`)
    return result.body
  }
}
