/** @import { Connection, FeedMessage } from '../contract.d.ts' */
import { EventStreamParser } from './event-stream-parser.js'
import { reconnectDelayMs } from './reconnect-delay.js'

const STREAM_PATH = '/api/v1/dashboard/stream'

/** A stream with a message every second counts as dead after this long without one. */
const SILENCE_MS = 5_000

/**
 * @typedef {object} FeedOptions
 * @property {(path: string, init: RequestInit) => Promise<Response>} request adds the authorization
 * @property {(message: FeedMessage, isWhole: boolean) => void} onMessage `isWhole` if it holds everything known, not
 *   only news
 * @property {(connection: Connection) => void} onConnection
 */

/**
 * Keeps the stream of signals open: detects silence, reconnects automatically, and then requests only what it missed.
 */
export class Feed {
  #options
  #lastId = ''
  #attempt = 0
  #lastMessageAt = Date.now()
  #hasMessage = false
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer
  /** @type {AbortController | undefined} */
  #running

  /** @param {FeedOptions} options */
  constructor (options) {
    this.#options = options
  }

  /** Connects at once, even during a wait for a reconnection. */
  start () {
    this.stop()
    this.#attempt = 0
    void this.#run()
  }

  stop () {
    clearTimeout(this.#timer)
    this.#running?.abort()
    this.#running = undefined
  }

  async #run () {
    const running = this.#running = new AbortController()
    this.#expectWithin(running)
    let why = 'the server closed the stream'
    try {
      const headers = { accept: 'text/event-stream', ...(this.#lastId !== '' && { 'last-event-id': this.#lastId }) }
      const response = await this.#options.request(STREAM_PATH, { headers, cache: 'no-store', signal: running.signal })
      const refusal = await refusalIn(response)
      if (refusal !== undefined) {
        if (this.#running === running) this.stop()
        this.#options.onConnection(refusal)
        return
      }
      if (!response.ok || response.body === null) throw new Error(`the server answers ${response.status}`)
      await this.#read(response.body, running)
    } catch (error) {
      why = describeFailure(error, running.signal)
    }
    // Another connection has begun, or the feed was stopped.
    if (this.#running !== running) return
    this.#comeBack(why)
  }

  /**
   * @param {ReadableStream<Uint8Array<ArrayBuffer>>} body
   * @param {AbortController} running
   */
  async #read (body, running) {
    const parser = new EventStreamParser(({ id, event, data }) => {
      if (event !== 'history' && event !== 'second') return
      this.#expectWithin(running)
      const isWhole = event === 'history' && this.#lastId === ''
      this.#lastId = id
      this.#attempt = 0
      this.#lastMessageAt = Date.now()
      this.#hasMessage = true
      this.#options.onMessage(JSON.parse(data), isWhole)
      this.#options.onConnection({ kind: 'live' })
    })
    const reader = body.pipeThrough(new TextDecoderStream()).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done || this.#running !== running) return
      parser.push(value)
    }
  }

  /** @param {AbortController} running */
  #expectWithin (running) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => running.abort(new Error('the stream went silent')), SILENCE_MS)
  }

  /** @param {string} why */
  #comeBack (why) {
    clearTimeout(this.#timer)
    this.#options.onConnection({ kind: 'stale', since: this.#hasMessage ? this.#lastMessageAt : 0, why })
    this.#timer = setTimeout(() => { void this.#run() }, reconnectDelayMs(this.#attempt++, Math.random()))
  }
}

/**
 * Returns the state of the connection after an answer that a retry cannot change.
 *
 * @param {Response} response
 * @returns {Promise<Connection | undefined>}
 */
async function refusalIn (response) {
  if (response.status === 401) return { kind: 'unauthorized' }
  if (response.status === 404) return { kind: 'missing' }
  if (response.status !== 403) return undefined
  const problem = await response.json().catch(() => undefined)
  return { kind: 'forbidden', detail: problem?.detail ?? 'The server refuses this page' }
}

/**
 * @param {unknown} error
 * @param {AbortSignal} signal
 */
function describeFailure (error, signal) {
  if (signal.aborted && signal.reason instanceof Error) return signal.reason.message
  if (error instanceof TypeError) return 'the server cannot be reached'
  return error instanceof Error ? error.message : String(error)
}
