import { connect } from 'node:net'
import { MAX_PAUSE_MS } from './consumer-health.ts'
import { hostOf, type Outbound } from './outbound.ts'

/** Tells whether a connection to the address of a URL can be made. Sends nothing. */
async function canConnect (url: string, timeoutMs: number, { connection: { lookup } }: Outbound): Promise<boolean> {
  const { port, protocol } = new URL(url)
  const { promise, resolve } = Promise.withResolvers<boolean>()
  const socket = connect({
    host: hostOf(url),
    lookup,
    port: Number(port) || (protocol === 'https:' ? 443 : 80),
    timeout: timeoutMs
  })
  socket.once('connect', () => resolve(true))
  socket.once('error', () => resolve(false))
  socket.once('timeout', () => resolve(false))
  const isReached = await promise
  socket.destroy()
  return isReached
}

export interface ReachabilityOptions {
  url: string
  timeoutMs: number
  outbound: Outbound
  /** Called once when a connection to the consumer is possible again. */
  onReached: () => void
}

/** Tries to connect to an unreachable consumer after the pause, then after twice as long each time, up to 30 s. */
export class Reachability {
  readonly #options: ReachabilityOptions
  #timer: NodeJS.Timeout | undefined
  #isClosed = false

  constructor (options: ReachabilityOptions) {
    this.#options = options
  }

  /** Begins to wait, unless it already does. */
  await (pauseMs: number): void {
    if (this.#timer !== undefined || this.#isClosed) return
    this.#timer = setTimeout(() => { void this.#try(pauseMs) }, pauseMs)
  }

  close (): void {
    this.#isClosed = true
    clearTimeout(this.#timer)
  }

  async #try (pauseMs: number): Promise<void> {
    const { url, timeoutMs, outbound, onReached } = this.#options
    const isReached = await canConnect(url, timeoutMs, outbound)
    this.#timer = undefined
    if (this.#isClosed) return
    if (isReached) onReached()
    else this.await(Math.min(MAX_PAUSE_MS, 2 * pauseMs))
  }
}
