/** @import { Replay } from '../contract.d.ts' */
/** @import { Session } from '../session.js' */
import { showResult } from '../announce.js'
import { byId, element, setText } from '../element.js'
import { EventStreamParser } from '../feed/event-stream-parser.js'
import { reconnectDelayMs } from '../feed/reconnect-delay.js'
import { formatCount } from '../figures/format.js'

const isOver = (/** @type {Replay} */ { status }) => status === 'done' || status === 'cancelled'

/** Shows the progress of each replay until its end, with a button to cancel it. */
export class ReplayWatch {
  #session
  #onOver
  /** @type {Set<string>} */
  #watched = new Set()

  /**
   * @param {Session} session
   * @param {() => void} onOver
   */
  constructor (session, onOver) {
    this.#session = session
    this.#onOver = onOver
  }

  /** Shows all running replays, including those that others started. */
  async find () {
    const { replays } = await this.#session.json('/api/v1/dead-letters/replays')
    for (const replay of /** @type {Replay[]} */ (replays)) if (!isOver(replay)) this.show(replay)
  }

  /** @param {Replay} replay */
  show (replay) {
    if (this.#watched.has(replay.id)) return
    this.#watched.add(replay.id)
    const text = element('span')
    const bar = element('progress', { 'aria-label': 'Progress of the replay', max: 1, value: 0 })
    const cancel = element('button', { type: 'button', onclick: () => this.#cancel(replay.id) }, 'Cancel replay')
    const row = element('div', { class: 'replay' }, text, cancel, bar)
    byId('replays').append(row)
    const update = (/** @type {Replay} */ now) => {
      const paused = now.status === 'paused' ? `, waits: ${now.reason ?? 'no capacity'}` : ''
      setText(text, `Replaying: ${formatCount(now.replayed)} of ${formatCount(now.matched)}${paused}`)
      bar.max = Math.max(1, now.matched)
      bar.value = now.replayed + now.skipped
    }
    update(replay)
    void this.#end(replay, update, row)
  }

  /**
   * @param {Replay} replay
   * @param {(replay: Replay) => void} update
   * @param {HTMLElement} row
   */
  async #end (replay, update, row) {
    const { status, replayed, matched, skipped } = await this.#follow(replay, update)
    this.#watched.delete(replay.id)
    row.remove()
    const gone = skipped > 0 ? `, ${formatCount(skipped)} were already gone` : ''
    showResult(`Replay ${status === 'done' ? 'done' : 'cancelled'}: ${formatCount(replayed)} of ${
      formatCount(matched)
    } put back${gone}.`)
    this.#onOver()
  }

  /**
   * @param {Replay} replay
   * @param {(replay: Replay) => void} update
   * @returns {Promise<Replay>} the ended replay
   */
  async #follow (replay, update) {
    let last = replay
    for (let attempt = 0; !isOver(last); attempt++) {
      try {
        if (attempt > 0) await new Promise((resolve) => setTimeout(resolve, reconnectDelayMs(attempt, Math.random())))
        const response = await this.#session.request(
          `/api/v1/dead-letters/replays/${encodeURIComponent(replay.id)}/events`,
          { headers: { accept: 'text/event-stream' } }
        )
        if (response.status === 404) return { ...last, status: 'cancelled' }
        if (!response.ok || response.body === null) continue
        const parser = new EventStreamParser(({ event, data }) => {
          if (event !== 'progress') return
          last = JSON.parse(data)
          update(last)
        })
        const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
        for (let piece = await reader.read(); !piece.done; piece = await reader.read()) parser.push(piece.value)
      } catch {
        // The server is out of reach; the replay waits for it too.
      }
    }
    return last
  }

  /** @param {string} id */
  async #cancel (id) {
    try {
      await this.#session.json(`/api/v1/dead-letters/replays/${encodeURIComponent(id)}`, { method: 'DELETE' })
    } catch (error) {
      showResult(`The replay could not be cancelled: ${/** @type {Error} */ (error).message}`, { hasFailed: true })
    }
  }
}
