/*
 * Sends the history to viewers, as server-sent events:
 *
 *   id: 1782892801    event: history   data: {series, incidents, state}   first: all, or all after the Last-Event-ID
 *   id: 1782892802    event: second    data: the same of one second       then, each second
 *
 * Each message is serialized once per second for all viewers, and not at all without viewers.
 */
import type { SignalPoint } from './series.ts'
import type { SignalHistory } from './signal-history.ts'
import type { State } from './state.ts'
import type { Viewers, ViewerSink } from './viewers.ts'

/**
 * Most cached histories. Viewers that reconnect together have missed the same; random seconds are not worth a cache.
 */
const MOST_HISTORIES = 16

export interface FeedOptions {
  history: SignalHistory
  viewers: Viewers
  /** Returns the present state. */
  state: () => State
}

export class DashboardFeed {
  readonly #options: FeedOptions
  /** Texts of the history by the second after which they begin; valid until the next second. */
  readonly #histories = new Map<number, Buffer>()

  constructor (options: FeedOptions) {
    this.#options = options
  }

  /** Ends a second and sends it to all viewers. */
  end (point: SignalPoint): void {
    const { history, viewers } = this.#options
    if (!history.end(point)) return
    this.#histories.clear()
    if (viewers.count > 0) viewers.send(this.#textSince('second', point.time - 1))
  }

  /** Sends a viewer the history after `lastEventId`, and then each second. */
  open (sink: ViewerSink, address: string, lastEventId: string | undefined): void {
    const after = secondOf(lastEventId)
    let text = this.#histories.get(after)
    if (text === undefined) {
      text = this.#textSince('history', after)
      if (this.#histories.size < MOST_HISTORIES) this.#histories.set(after, text)
    }
    sink.write(text)
    this.#options.viewers.add(sink, address)
  }

  #textSince (event: 'history' | 'second', second: number): Buffer {
    const { history, state } = this.#options
    const { lastSecond } = history
    const id = lastSecond === -Infinity ? '' : `id: ${lastSecond}\n`
    return Buffer
      .from(`${id}event: ${event}\ndata: ${JSON.stringify({ ...history.since(second), state: state() })}\n\n`)
  }
}

/** A text that is not a second selects the whole history. */
function secondOf (lastEventId: string | undefined): number {
  return lastEventId !== undefined && /^\d{1,12}$/.test(lastEventId) ? Number(lastEventId) : -Infinity
}
