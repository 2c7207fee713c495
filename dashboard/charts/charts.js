/** @import { Column, State } from '../contract.d.ts' */
/** @import { History } from '../figures/history.js' */
/** @import { Palette } from './palette.js' */
import { byId } from '../element.js'
import { circuitSpans } from '../figures/circuit-spans.js'
import { consumerMarks, describeMark } from '../figures/consumer-marks.js'
import { describeForecast, forecastBand, forecastLegend } from '../figures/forecast.js'
import { formatCount, formatDuration, formatRate, UNKNOWN } from '../figures/format.js'
import { total } from '../figures/stack.js'
import { firstIndex } from '../figures/window.js'
import { Chart } from './chart.js'
import { SHED_LINES, shedColumns } from './shed-lines.js'

/** @typedef {{ from: number, to: number, ahead: number, label: string }} Window epoch seconds, and those ahead of `to` */

/** The four charts, which share their time and their cursor. */
export class Charts {
  #palette
  #depth
  #shed
  #flow
  #oldest

  /** @param {Palette} palette */
  constructor (palette) {
    this.#palette = palette
    this.#depth = new Chart({
      host: byId('chart-depth'),
      palette,
      isStacked: true,
      withWords: true,
      withForecast: true,
      unit: 'events',
      format: formatCount,
      lines: [{ name: 'critical', colour: 'class-critical' }, { name: 'normal', colour: 'class-normal' }, {
        name: 'low',
        colour: 'class-low'
      }]
    })
    this.#shed = new Chart({
      host: byId('chart-shed'),
      palette,
      isStacked: true,
      unit: 'events/s',
      format: formatPerSecond,
      lines: SHED_LINES
    })
    this.#flow = new Chart({
      host: byId('chart-flow'), palette, isStacked: false, unit: 'events/s', format: formatPerSecond,
      lines: [{ name: 'arrival', colour: 'line-arrival' }, { name: 'drain', colour: 'line-drain', dash: [6, 4] }]
    })
    this.#oldest = new Chart({
      host: byId('chart-oldest'), palette, isStacked: false, unit: 'seconds', format: formatDuration,
      lines: [{ name: 'oldest', colour: 'line-oldest' }]
    })
  }

  /**
   * @param {History} history
   * @param {State} state
   * @param {Window} window
   */
  update ({ series, incidents }, { thresholds, forecast, decisions, mode }, { from, to, ahead, label }) {
    const first = firstIndex(series.time, from)
    const cut = (/** @type {Column} */ column) => column.slice(first)
    const time = series.time.slice(first)
    const depth = [series.depth.critical, series.depth.normal, series.depth.low].map(cut)
    const marks = consumerMarks(incidents, from, to)
    const shared = {
      time,
      marks,
      thresholds: [],
      spans: circuitSpans(time, cut(series.circuit), /** @type {Column} */ (depth[0])),
      range: /** @type {[number, number]} */ ([from, to + ahead]),
      now: ahead === 0 ? undefined : to
    }
    const over = `over the last ${label}`
    const depths = total(depth, time.length)
    const isRefusing = mode === 'true' && Object.values(decisions).some(({ admitted }) => !admitted)
    this.#depth.update({
      ...shared,
      columns: depth,
      band: forecastBand(forecast ?? [], time.at(-1), depths.at(-1) ?? null),
      forecast: forecastLegend(forecast ?? [], isRefusing),
      thresholds: [
        { name: 'critical', value: thresholds.critical, colour: 'threshold-critical', dash: [] },
        { name: 'warning', value: thresholds.warning, colour: 'threshold-warning', dash: [7, 4] },
        ...(thresholds.hold === undefined
          ? []
          : [{ name: 'hold', value: thresholds.hold, colour: 'threshold-warning', dash: [1, 3] }]),
        { name: 'recovery', value: thresholds.recovery, colour: 'threshold-recovery', dash: [2, 3] }
      ],
      summary: [
        describe(`Queue depth by class ${over}`, depths, formatCount),
        describeForecast(forecast ?? [], isRefusing),
        ...marks.map((mark) => `${describeMark(mark)}.`)
      ].filter((sentence) => sentence !== undefined).join(' ')
    })
    const shed = shedColumns(series.shed, series.time, series.circuit).map(cut)
    this.#shed.update({
      ...shared,
      columns: shed,
      summary: describe(`Events refused per second ${over}`, total(shed, time.length), formatCount)
    })
    const [arrival, drain] = [cut(series.arrivalRate), cut(series.drainRate)]
    this.#flow.update({
      ...shared,
      columns: [arrival, drain],
      summary: `${describe(`Events that arrive per second ${over}`, arrival, formatRate)} ${
        describe('Events finished per second', drain, formatRate)
      }`
    })
    const oldest = cut(series.oldestWaitingSeconds)
    this.#oldest.update({
      ...shared,
      columns: [oldest],
      summary: describe(`Age of the oldest waiting event ${over}`, oldest, formatDuration)
    })
  }

  /** Redraws all charts in the current colours. */
  recolour () {
    this.#palette.forget()
    for (const chart of [this.#depth, this.#shed, this.#flow, this.#oldest]) chart.redraw()
  }
}

/** @param {number | null} rate */
function formatPerSecond (rate) {
  return rate === null ? UNKNOWN : `${formatRate(rate)}/s`
}

/**
 * Describes a chart in a sentence.
 *
 * @param {string} what
 * @param {Column} column
 * @param {(value: number | null) => string} format
 */
function describe (what, column, format) {
  const known = column.filter((value) => value !== null)
  if (known.length === 0) return `${what}: nothing known.`
  return `${what}: now ${format(column.at(-1) ?? null)}, lowest ${format(Math.min(...known))}, highest ${
    format(Math.max(...known))
  }.`
}
