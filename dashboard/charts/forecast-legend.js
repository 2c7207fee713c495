/** @import { ChartData } from './chart.js' */
import { element, setText } from '../element.js'

/** The entry of the forecast in the legend. Its room stays while the forecast is unknown, so that nothing moves. */
export class ForecastLegend {
  #swatch = element('span', { class: 'swatch band', 'aria-hidden': 'true' })
  #value = element('span', { class: 'legend-value' })
  #entry = element('li', { class: 'forecast', hidden: true },
    this.#swatch, element('span', { class: 'legend-name' }, 'forecast'), this.#value)

  /** @param {HTMLElement} legend */
  constructor (legend) {
    legend.append(this.#entry)
  }

  /** @param {ChartData} data */
  update ({ now, band = [], forecast }) {
    this.#entry.hidden = now === undefined
    this.#entry.classList.toggle('is-unknown', forecast === undefined)
    this.#swatch.classList.toggle('unproven', !band.slice(1).some(({ isTrusted }) => isTrusted))
    setText(this.#value, forecast ?? '')
  }
}
