/** @import { ChartData } from './chart.js' */
import { element, renderWhenChanged } from '../element.js'
import { formatClock } from '../figures/format.js'
import { firstIndex, spreadIndices } from '../figures/window.js'

const ROWS = 13

/** The figures of a chart as a table, which a button in its heading shows. */
export class ChartTable {
  #names
  #format
  #body = element('tbody')
  #box

  /**
   * @param {HTMLElement} host
   * @param {string[]} names of the columns
   * @param {(value: number | null) => string} format
   */
  constructor (host, names, format) {
    this.#names = names
    this.#format = format
    const title = host.querySelector('h2')?.textContent ?? ''
    const head = element('tr', {}, ...['time', ...names].map((name) => element('th', { scope: 'col' }, name)))
    this.#box = element('div', {
      class: 'chart-table',
      hidden: true,
      tabindex: '0',
      role: 'group',
      'aria-label': `${title}, as a table`
    }, element('table', {}, element('thead', {}, head), this.#body))
    host.append(this.#box)
    const button = host.querySelector('button.as-table')
    button?.setAttribute('aria-expanded', 'false')
    button?.setAttribute('aria-label', `${title} as a table`)
    button?.addEventListener('click', () => {
      this.#box.hidden = !this.#box.hidden
      button.setAttribute('aria-expanded', String(!this.#box.hidden))
      host.classList.toggle('has-table', !this.#box.hidden)
    })
  }

  /** @param {ChartData} data */
  update ({ time, columns, range }) {
    if (this.#box.hidden && this.#body.childElementCount > 0) return
    const first = firstIndex(time, range[0])
    const indices = time.length === 0 ? [] : spreadIndices(first, time.length - 1, ROWS).toReversed()
    const rows = indices.map((
      index
    ) => [
      formatClock(/** @type {number} */ (time[index]) * 1_000, { withSeconds: true }),
      ...columns.map((column) => this.#format(column[index] ?? null))
    ])
    renderWhenChanged(
      this.#body,
      rows,
      () =>
        rows.map((cells) =>
          element(
            'tr',
            {},
            ...cells.map((cell, place) => place === 0 ? element('th', { scope: 'row' }, cell) : element('td', {}, cell))
          )
        )
    )
    if (this.#names.length === 0) this.#box.hidden = true
  }
}
