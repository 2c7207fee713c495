import type { Redis } from 'ioredis'
import { Deadline } from '../clock/deadline.ts'

/**
 * How long a write waits for a lost connection. By then a running Redis is connected again, and a dead one has refused
 * the connection.
 */
const PATIENCE_MS = 250

/** Waits a moment for a broken connection. Concurrent callers share one wait. */
export class Reconnection {
  readonly #redis: Redis
  readonly #patienceMs: number
  #wait: Promise<boolean> | undefined

  constructor (redis: Redis, patienceMs = PATIENCE_MS) {
    this.#redis = redis
    this.#patienceMs = patienceMs
  }

  /** Resolves with false if the connection does not return, or was never lost and Redis hangs. */
  isBack (): Promise<boolean> {
    const redis = this.#redis
    // A breaking connection has the status ready until its end is seen.
    if (redis.status === 'ready' && redis.stream.writable) return Promise.resolve(false)
    this.#wait ??= new Promise((resolve) => {
      // The end of the broken connection may not be reported yet; only the end of the next one counts.
      let isTrying = redis.status === 'connecting' || redis.status === 'connect'
      const listeners = {
        connecting: () => { isTrying = true },
        ready: () => end(true),
        close: () => { if (isTrying) end(false) },
        end: () => end(false)
      }
      const end = (isBack: boolean) => {
        patience.clear()
        for (const [name, listener] of Object.entries(listeners)) redis.removeListener(name, listener)
        this.#wait = undefined
        resolve(isBack)
      }
      const patience = new Deadline(this.#patienceMs, () => end(false))
      for (const [name, listener] of Object.entries(listeners)) redis.on(name, listener)
    })
    return this.#wait
  }
}
