/**
 * @typedef {{ id: string, event: string, data: string }} StreamEvent `id` is the last one received, as in EventSource.
 */

/**
 * Reads server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) from text that arrives in
 * pieces of any size. EventSource itself cannot send an Authorization header.
 */
export class EventStreamParser {
  /** @type {(event: StreamEvent) => void} */
  #onEvent
  /** The text after the last end of a line. */
  #rest = ''
  #isFirst = true
  #id = ''
  #event = ''
  /** @type {string[]} */
  #data = []

  /** @param {(event: StreamEvent) => void} onEvent */
  constructor (onEvent) {
    this.#onEvent = onEvent
  }

  /** @param {string} text the next piece */
  push (text) {
    if (text === '') return
    this.#rest += this.#isFirst ? text.replace(/^\uFEFF/, '') : text
    this.#isFirst = false
    // A carriage return at the end may be the first half of a line end.
    const lines = this.#rest.split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#readLine(line)
  }

  /** @param {string} line */
  #readLine (line) {
    if (line === '') {
      this.#dispatch()
      return
    }
    const colon = line.indexOf(':')
    // A line that begins with a colon is a comment: a heartbeat.
    if (colon === 0) return
    const field = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(colon + 1).replace(/^ /, '')
    if (field === 'data') this.#data.push(value)
    else if (field === 'event') this.#event = value
    else if (field === 'id' && !value.includes('\0')) this.#id = value
  }

  #dispatch () {
    const data = this.#data
    const event = this.#event === '' ? 'message' : this.#event
    this.#data = []
    this.#event = ''
    if (data.length > 0) this.#onEvent({ id: this.#id, event, data: data.join('\n') })
  }
}
