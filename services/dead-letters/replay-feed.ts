/*
 * Sends the progress of replays to viewers, as server-sent events `progress`. Each watched replay is read once per
 * interval, however many viewers it has:
 *
 *   first viewer ─► read ─► text ─► all its viewers      the next viewer gets the last text at once, without a read
 *                    ▲         │
 *                    └─ wait ──┘  until the replay is over or its last viewer has left
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { Viewers, ViewerSink } from '../history/viewers.ts'
import { isOutage } from '../redis/outage.ts'
import { isOver, type Replay } from './replay.ts'

const POLL_INTERVAL_MS = 500

/** A comment at this interval keeps proxies from closing a silent stream. */
const HEARTBEAT_INTERVAL_MS = 15_000
const HEARTBEAT = Buffer.from(': heartbeat\n\n')

export interface ReplayFeedOptions {
  /** Reads a replay if it belongs to the organization, or without one in any case. */
  read: (id: string, within?: string) => Promise<Replay | undefined>
  /** The streams of this process, with their bound. */
  viewers: Viewers
  onError: (error: Error) => void
  pollIntervalMs?: number
}

/** One replay as of its last reading, and its viewers. */
class Watch {
  readonly sinks = new Set<ViewerSink>()
  readonly ending = new AbortController()
  /** Whether the replay exists. */
  readonly isFound: Promise<boolean>
  text = ''
  isOver = false
  /** The number of viewers, including those who wait for the first reading. */
  interested = 0

  constructor (first: Promise<Replay | undefined>) {
    this.isFound = first.then((replay) => replay !== undefined && this.take(replay))
  }

  /** Keeps the text of the replay. */
  take (replay: Replay): true {
    this.text = `event: progress\ndata: ${JSON.stringify(replay)}\n\n`
    this.isOver = isOver(replay)
    return true
  }
}

export class ReplayFeed {
  readonly #options: ReplayFeedOptions
  readonly #watches = new Map<string, Watch>()
  readonly #heartbeat: NodeJS.Timeout

  constructor (options: ReplayFeedOptions) {
    this.#options = options
    this.#heartbeat = setInterval(() => options.viewers.send(HEARTBEAT), HEARTBEAT_INTERVAL_MS).unref()
  }

  /**
   * Calls `begin` once the replay is known to exist, and sends its sink each state until the replay is over.
   *
   * @param begin returns undefined if there is no place, or the viewer has left
   * @param within the organization whose replays the viewer may see; all by default
   * @returns false if there is no such replay
   */
  async open (
    id: string, address: string, begin: () => ViewerSink | undefined, within?: string
  ): Promise<boolean> {
    const { viewers, read } = this.#options
    if (within !== undefined && await read(id, within) === undefined) return false
    const watch = this.#watches.get(id) ?? this.#begin(id)
    watch.interested++
    let sink: ViewerSink | undefined
    try {
      if (!await watch.isFound) return false
      sink = begin()
      if (sink === undefined) return true
      sink.write(Buffer.from(watch.text))
      if (watch.isOver || watch.ending.signal.aborted) {
        sink.end()
        sink = undefined
      } else {
        watch.sinks.add(sink)
        viewers.add(sink, address)
      }
      return true
    } finally {
      if (sink === undefined) this.#lose(watch)
    }
  }

  /** Forgets a viewer that has left. */
  leave (id: string, sink: ViewerSink): void {
    this.#options.viewers.remove(sink)
    const watch = this.#watches.get(id)
    if (watch?.sinks.delete(sink) === true) this.#lose(watch)
  }

  /** Ends all streams. */
  close (): void {
    clearInterval(this.#heartbeat)
    for (const watch of this.#watches.values()) watch.ending.abort()
    this.#options.viewers.close()
  }

  #lose (watch: Watch): void {
    if (--watch.interested === 0) watch.ending.abort()
  }

  #begin (id: string): Watch {
    const watch = new Watch(this.#options.read(id))
    this.#watches.set(id, watch)
    const forget = () => { if (this.#watches.get(id) === watch) this.#watches.delete(id) }
    watch.ending.signal.addEventListener('abort', forget)
    this.#follow(id, watch).catch(this.#options.onError).finally(() => {
      forget()
      watch.ending.abort()
      for (const sink of watch.sinks) {
        this.#options.viewers.remove(sink)
        sink.end()
      }
    })
    return watch
  }

  async #follow (id: string, watch: Watch): Promise<void> {
    const { read, viewers, pollIntervalMs = POLL_INTERVAL_MS } = this.#options
    // The viewers get the error of the first reading.
    if (!await watch.isFound.catch(() => false)) return
    const { signal } = watch.ending
    while (!watch.isOver) {
      await wait(pollIntervalMs, undefined, { signal, ref: false }).catch(() => {})
      if (signal.aborted) return
      const replay = await read(id).catch((error: unknown) => {
        // The replay resumes when Redis is back.
        if (!isOutage(error)) throw error
        return 'away' as const
      })
      if (replay === undefined) return
      if (replay === 'away') continue
      const before = watch.text
      watch.take(replay)
      if (watch.text !== before) viewers.send(Buffer.from(watch.text), watch.sinks)
    }
  }
}
