/** @import { LatestEvent } from '../contract.d.ts' */
/** @import { Session } from '../session.js' */
import { byId, element, renderWhenChanged, setText } from '../element.js'
import { formatClock, formatCount } from '../figures/format.js'
import { prettyPayload } from '../figures/payload.js'

const LISTED = 20
const REFRESH_MS = 2_000
/** Columns of the table. */
const COLUMNS = 6

/** The events that this replica accepted last; a button shows the receipt and the payload of each. */
export class LatestEventsPanel {
  #session
  #dialog = /** @type {HTMLDialogElement} */ (byId('event'))
  #askedAt = -Infinity
  #isAsking = false
  /** Counts requests, so that only the answer to the latest is shown. */
  #question = 0

  /** @param {Session} session */
  constructor (session) {
    this.#session = session
    byId('close-event').addEventListener('click', () => this.#dialog.close())
  }

  /** Call this with each message of the stream, so that a hidden or disconnected page sends no requests. */
  async refresh (now = performance.now()) {
    if (this.#isAsking || now - this.#askedAt < REFRESH_MS) return
    this.#askedAt = now
    this.#isAsking = true
    try {
      const { events, accepted } = await this.#session.json(`/api/v1/events?limit=${LISTED}`)
      setText(byId('latest-note'), `by this replica, newest first, ${formatCount(accepted)} accepted since its start`)
      this.#show(events)
    } catch (error) {
      setText(byId('latest-note'), /** @type {Error} */ (error).message)
    } finally {
      this.#isAsking = false
    }
  }

  /** @param {LatestEvent[]} events */
  #show (events) {
    renderWhenChanged(byId('latest-rows'), events, () => {
      const nothing = element(
        'td',
        { colspan: COLUMNS, class: 'nothing' },
        'This replica has not received an event yet'
      )
      return events.length === 0 ? [element('tr', {}, nothing)] : events.map((event) => this.#row(event))
    })
  }

  /** @param {LatestEvent} event */
  #row (event) {
    const { id, type, priority, receivedAt, status } = event
    const time = formatClock(Date.parse(receivedAt), { withSeconds: true })
    return element('tr', {},
      element('td', { class: 'nowrap' }, element('time', { datetime: receivedAt, title: receivedAt }, time)),
      element('th', { scope: 'row', class: 'break' }, type),
      element('td', { class: 'number' }, String(priority)),
      element('td', { class: 'nowrap' }, status),
      element('td', { class: 'break wide' }, id),
      element('td', { class: 'act' }, element('button', {
        type: 'button', class: 'quiet', 'aria-label': `Look at ${type} of ${time}`, onclick: () => this.#look(event)
      }, 'Look')))
  }

  /** @param {LatestEvent} event */
  async #look (event) {
    const question = ++this.#question
    const { id, type, organizationId, source } = event
    setText(byId('event-title'), type)
    this.#showFacts(event)
    setText(byId('event-payload'), '')
    this.#dialog.showModal()
    const query = new URLSearchParams({
      ...(organizationId !== undefined && { organizationId }), ...(source !== undefined && { source })
    })
    const path = `/api/v1/events/${encodeURIComponent(id)}`
    const receipt = this.#session.json(`${path}?${query}`).catch(() => event)
    const payload = this.#payload(`${path}/payload?${query}`)
    const found = { ...event, ...await receipt }
    const text = await payload
    if (question !== this.#question) return
    this.#showFacts(found)
    setText(byId('event-payload'), text)
  }

  /** @param {string} path */
  async #payload (path) {
    const response = await this.#session.request(path).catch(() => undefined)
    if (response === undefined) return 'The server cannot be reached.'
    const text = await response.text()
    if (response.ok) return prettyPayload(text)
    try {
      return JSON.parse(text).detail ?? `The server answered ${response.status}.`
    } catch {
      return `The server answered ${response.status}.`
    }
  }

  /** @param {LatestEvent} facts */
  #showFacts (facts) {
    const { type: _type, ...shown } = facts
    byId('event-facts').replaceChildren(...Object.entries(shown).map(([name, value]) =>
      element('div', {}, element('dt', {}, name), element('dd', { class: 'break' }, String(value)))))
  }
}
