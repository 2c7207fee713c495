/*
 * Tells viewers what the history holds, as server-sent events:
 *
 *   id: 1782892801    event: history   data: {series, incidents, state}   at first, or what is later than the Last-Event-ID
 *   id: 1782892802    event: second    data: the same of one second       then, each second
 *
 * A message is made into text once, for all viewers of a second together; without viewers it is not made at all.
 */
import type { SignalPoint } from './series.ts'
import type { SignalHistory } from './signal-history.ts'
import type { State } from './state.ts'
import type { Viewers, ViewerSink } from './viewers.ts'

/** Viewers that come back together have missed the same; whoever names seconds at random gets each made anew. */
const MOST_HISTORIES = 16

export interface FeedOptions {
  history: SignalHistory
  viewers: Viewers
  /** All that is to be known now. */
  state: () => State
}

export class DashboardFeed {
  readonly #options: FeedOptions
  /** Texts of the history after some second each, as they are until the next second. */
  readonly #histories = new Map<number, Buffer>()

  constructor (options: FeedOptions) {
    this.#options = options
  }

  /** Ends a second and tells all viewers of it. */
  end (point: SignalPoint): void {
    const { history, viewers } = this.#options
    if (!history.end(point)) return
    this.#histories.clear()
    if (viewers.count > 0) viewers.send(this.#textSince('second', point.time - 1))
  }

  /** Tells a viewer all after `lastEventId`, and from then on each second. */
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
    return Buffer.from(`${id}event: ${event}\ndata: ${JSON.stringify({ ...history.since(second), state: state() })}\n\n`)
  }
}

/** A text that names no second stands for all of the history. */
function secondOf (lastEventId: string | undefined): number {
  return lastEventId !== undefined && /^\d{1,12}$/.test(lastEventId) ? Number(lastEventId) : -Infinity
}
