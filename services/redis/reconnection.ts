import type { Redis } from 'ioredis'
import { Deadline } from '../clock/deadline.ts'

/** How long a write waits for a lost connection. A Redis that lives is back by then, another refuses the next one. */
const PATIENCE_MS = 250

/** Waits a moment for a connection that broke. All that wait at once wait as one. */
export class Reconnection {
  readonly #redis: Redis
  readonly #patienceMs: number
  #wait: Promise<boolean> | undefined

  constructor (redis: Redis, patienceMs = PATIENCE_MS) {
    this.#redis = redis
    this.#patienceMs = patienceMs
  }

  /** False when the connection does not come back, or was never gone and Redis hangs. */
  isBack (): Promise<boolean> {
    const redis = this.#redis
    // One that breaks is called ready until its end is seen.
    if (redis.status === 'ready' && redis.stream.writable) return Promise.resolve(false)
    this.#wait ??= new Promise((resolve) => {
      // The end of the connection that broke may not have been reported yet; that of the next one counts.
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
