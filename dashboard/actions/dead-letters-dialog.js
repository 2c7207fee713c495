/** @import { DeadLetter, Replay } from '../contract.d.ts' */
/** @import { RequestError, Session } from '../session.js' */
import { showResult } from '../announce.js'
import { byId, element, setText } from '../element.js'
import { formatAgo, formatDate, formatPlural } from '../figures/format.js'
import { confirmed } from './confirmation.js'
import { describeFilter, listPath, replayFilter } from './dead-letter-query.js'
import { deletionQuestion, deletionResult, replayQuestion } from './question.js'
import { ReplayWatch } from './replay-watch.js'

const PAGE = 50
/** Columns of the table. */
const COLUMNS = 7

/** The list of dead letters: filters them, shows one, replays some or all, deletes some. */
export class DeadLettersDialog {
  #session
  #onUnauthorized
  #dialog = /** @type {HTMLDialogElement} */ (byId('dead-letters'))
  #reason = /** @type {HTMLSelectElement} */ (byId('dead-letters-reason'))
  #type = /** @type {HTMLInputElement} */ (byId('dead-letters-type'))
  #all = /** @type {HTMLInputElement} */ (byId('dead-letters-all'))
  #rows = byId('dead-letters-rows')
  #filter = { reason: '', type: '' }
  /** @type {string | undefined} */
  #next
  /** @type {Set<string>} */
  #selected = new Set()
  /** The id of the open dead letter. */
  #shown = ''
  /** Counts requests, so that the answer to an older one is ignored. */
  #question = 0
  #replays

  /**
   * @param {Session} session
   * @param {() => void} onUnauthorized
   */
  constructor (session, onUnauthorized) {
    this.#session = session
    this.#onUnauthorized = onUnauthorized
    this.#replays = new ReplayWatch(session, () => { if (this.#dialog.open) void this.#load() })
    byId('open-dead-letters').addEventListener('click', () => {
      this.#dialog.showModal()
      void this.#load()
      void this.#try(() => this.#replays.find())
    })
    byId('close-dead-letters').addEventListener('click', () => this.#dialog.close())
    byId('dead-letters-filter').addEventListener('submit', (event) => {
      event.preventDefault()
      void this.#load()
    })
    byId('dead-letters-more').addEventListener('click', () => { void this.#loadPage() })
    this.#all.addEventListener('change', () => {
      for (const box of this.#boxes()) if (box.checked !== this.#all.checked) box.click()
    })
    byId('replay-selected').addEventListener('click', () => {
      const ids = [...this.#selected]
      void this.#replay({ ids }, ids.length, ids.length === 1 ? 'The selected one is' : 'The selected ones are')
    })
    byId('delete-selected').addEventListener('click', () => { void this.#delete([...this.#selected]) })
    byId('delete-dead-letter').addEventListener('click', () => { void this.#delete([this.#shown]) })
    byId('replay-all').addEventListener('click', () => { void this.#replayAll() })
  }

  async #load () {
    this.#filter = { reason: this.#reason.value, type: this.#type.value.trim() }
    this.#next = undefined
    this.#selected.clear()
    this.#rows.replaceChildren()
    byId('dead-letter').hidden = true
    await this.#loadPage()
  }

  async #loadPage () {
    const question = ++this.#question
    await this.#try(async () => {
      const { deadLetters, next } = await this.#session.json(listPath(this.#filter, this.#next, PAGE))
      if (question !== this.#question) return
      this.#next = next
      this.#rows.append(...(/** @type {DeadLetter[]} */ (deadLetters)).map((deadLetter) => this.#row(deadLetter)))
      if (this.#rows.childElementCount === 0) {
        this.#rows.append(element('tr', {}, element('td', { colspan: COLUMNS, class: 'nothing' }, this.#emptyText())))
      }
    })
    byId('dead-letters-more').hidden = this.#next === undefined
    this.#showSelection()
  }

  #emptyText () {
    if (this.#next !== undefined) return 'No match among the first 20,000; show more to search on'
    const { reason, type } = this.#filter
    return reason === '' && type === '' ? 'There are no dead letters' : 'No dead letter matches'
  }

  /** @param {DeadLetter} deadLetter */
  #row (deadLetter) {
    const { id, event, reason, error, attempts, diedAt } = deadLetter
    const time = Date.parse(diedAt)
    const name = `Select ${event.type} that died ${formatDate(time)}`
    const box = element('input', { type: 'checkbox', 'aria-label': name })
    box.addEventListener('change', () => {
      if (box.checked) this.#selected.add(id)
      else this.#selected.delete(id)
      this.#showSelection()
    })
    const look = element(
      'button',
      { type: 'button', class: 'quiet', onclick: () => this.#show(deadLetter, row) },
      'Look'
    )
    const row = element(
      'tr',
      {},
      element('td', {}, box),
      element('td', { class: 'died' }, element('time', { datetime: diedAt, title: diedAt }, formatDate(time)),
        element('span', { class: 'why' }, formatAgo(time, Date.now()))),
      element('th', { scope: 'row', class: 'break' }, event.type, element('span', { class: 'why narrow' }, reason)),
      element('td', { class: 'nowrap wide' }, reason),
      element('td', { class: 'wide' }, error),
      element('td', { class: 'number wide' }, String(attempts)),
      element('td', {}, look))
    return row
  }

  /**
   * @param {DeadLetter} deadLetter
   * @param {HTMLElement} row
   */
  #show ({ id, event, reason, error, attempts, diedAt, receivedAt }, row) {
    this.#shown = id
    for (const other of this.#rows.children) other.removeAttribute('aria-current')
    row.setAttribute('aria-current', 'true')
    setText(byId('dead-letter-title'), event.type)
    const facts = [
      ['dead letter', id],
      ['event', event.id],
      ['priority', String(event.priority)],
      ['organization', event.organizationId],
      ['received', receivedAt],
      ['died', diedAt],
      ['reason', reason],
      ['error', error],
      ['attempts', String(attempts)]
    ]
    byId('dead-letter-facts').replaceChildren(...facts.filter(([, value]) => value !== undefined).map(([name, value]) =>
      element('div', {}, element('dt', {}, name), element('dd', { class: 'break' }, value))))
    setText(byId('dead-letter-payload'), JSON.stringify(event.payload, null, 2) ?? '')
    byId('dead-letter').hidden = false
    byId('dead-letter-payload').focus()
  }

  async #replayAll () {
    const filter = replayFilter(this.#filter)
    await this.#try(async () => {
      const body = { filter, dryRun: true }
      const { matched } = await this.#session.json('/api/v1/dead-letters/replay', { method: 'POST', body })
      if (matched === 0) throw new Error('No dead letter matches')
      await this.#replay({ filter }, matched, describeFilter(this.#filter))
    })
  }

  /**
   * @param {object} body
   * @param {number} count
   * @param {string} which
   */
  async #replay (body, count, which) {
    await this.#try(async () => {
      if (!await confirmed(replayQuestion(count, which))) return
      const begun = await this.#session.json('/api/v1/dead-letters/replay', { method: 'POST', body })
      this.#replays.show(/** @type {Replay} */ (begun))
    })
  }

  /** @param {readonly string[]} ids */
  async #delete (ids) {
    await this.#try(async () => {
      if (!await confirmed(deletionQuestion(ids.length))) return
      showResult(deletionResult(await this.#deleted(ids), ids.length))
      await this.#load()
    })
  }

  /**
   * Deletes dead letters one by one.
   *
   * @param {readonly string[]} ids
   * @returns {Promise<number>} the number deleted
   */
  async #deleted (ids) {
    let deleted = 0
    for (const id of ids) {
      try {
        await this.#session.json(`/api/v1/dead-letters/${encodeURIComponent(id)}`, { method: 'DELETE' })
        deleted++
      } catch (error) {
        // It was already deleted or replayed.
        if (/** @type {RequestError} */ (error).status !== 404) throw error
      }
    }
    return deleted
  }

  #showSelection () {
    const boxes = this.#boxes()
    const count = this.#selected.size
    this.#all.checked = boxes.length > 0 && count === boxes.length
    this.#all.indeterminate = count > 0 && count < boxes.length
    const more = this.#next === undefined ? '' : ', more exist'
    const listed = `${formatPlural(boxes.length, 'dead letter')} listed${more}, oldest first`
    setText(byId('dead-letters-listed'), boxes.length === 0 ? '' : listed)
    setText(byId('dead-letters-selected'), count === 0 ? '' : `${formatPlural(count, 'dead letter')} selected`)
    for (const id of ['replay-selected', 'delete-selected']) {
      const button = /** @type {HTMLButtonElement} */ (byId(id))
      button.disabled = count === 0
    }
  }

  #boxes () {
    return /** @type {HTMLInputElement[]} */ ([...this.#rows.querySelectorAll('input[type=checkbox]')])
  }

  /** @param {() => Promise<void>} ask */
  async #try (ask) {
    setText(byId('dead-letters-error'), '')
    try {
      await ask()
    } catch (error) {
      const { status, message } = /** @type {RequestError} */ (error)
      if (status === 401) this.#onUnauthorized()
      setText(byId('dead-letters-error'), status === 401 ? 'Enter the token first.' : message)
    }
  }
}
