import { setTimeout as delay } from 'node:timers/promises'
import { EmbeddedRedisError } from './embedded-redis-error.ts'
import type { EmbeddedRedisLog } from './embedded-redis-options.ts'
import type { ServerProbe } from './server-probe.ts'

const POLL_INTERVAL_MS = 25
const ANSWER_DEADLINE_MS = 10_000
const LOADING_DEADLINE_MS = 120_000

/** Bounds how long one attempt waits for a server to be ready. A server that reads its append-only file gets longer. */
export class Patience {
  #deadline = performance.now() + ANSWER_DEADLINE_MS
  #isLoading = false
  readonly #socketPath: string
  readonly #log: EmbeddedRedisLog

  constructor (socketPath: string, log: EmbeddedRedisLog) {
    this.#socketPath = socketPath
    this.#log = log
  }

  /** Waits until it is time to look again; rejects when it has been long enough, or when `signal` ends the waiting. */
  async wait (state: ServerProbe['state'], signal: AbortSignal): Promise<void> {
    if (state === 'loading' && !this.#isLoading) {
      this.#isLoading = true
      this.#deadline = performance.now() + LOADING_DEADLINE_MS
      this.#log.info({ event: 'embedded-redis-loading' }, 'the embedded Redis is loading its append-only file')
    }
    if (performance.now() > this.#deadline) {
      throw new EmbeddedRedisError('EMBEDDED_REDIS_UNRESPONSIVE', this.#isLoading
        ? `the Redis behind ${this.#socketPath} is still loading its append-only file after ${LOADING_DEADLINE_MS} ms`
        : `the Redis behind ${this.#socketPath} has not answered within ${ANSWER_DEADLINE_MS} ms`)
    }
    await delay(POLL_INTERVAL_MS, undefined, { ref: false, signal }).catch(() => {})
    signal.throwIfAborted()
  }
}
