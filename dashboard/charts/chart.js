/** @import { Column } from '../contract.d.ts' */
/** @import { Span } from '../figures/circuit-spans.js' */
/** @import { ConsumerMark } from '../figures/consumer-marks.js' */
/** @import { BandPoint } from '../figures/forecast.js' */
/** @import { Palette } from './palette.js' */
/** @import { Threshold } from './threshold-lines.js' */
import { element, setText } from '../element.js'
import { formatClock, formatShortCount } from '../figures/format.js'
import { stack } from '../figures/stack.js'
import { drawTints, drawTransitions } from './circuit-marks.js'
import { drawConsumerMarks } from './consumer-marks.js'
import { ChartTable } from './chart-table.js'
import { drawAhead } from './forecast-band.js'
import { ForecastLegend } from './forecast-legend.js'
import { textured } from './palette.js'
import { drawThresholds } from './threshold-lines.js'

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {string} colour custom property of the style sheet
 * @property {'solid' | 'rising' | 'falling' | 'dots' | 'level'} [texture]
 * @property {number[]} [dash]
 * @property {boolean} [isStepped]
 * @property {boolean} [isOptional] in the legend only if it is not always zero
 *
 * @typedef {object} ChartOptions
 * @property {HTMLElement} host a section with a heading; the chart goes into its .chart
 * @property {readonly Line[]} lines
 * @property {boolean} isStacked stacked areas instead of lines
 * @property {boolean} [withWords] labels its marks
 * @property {boolean} [withForecast] has the forecast in its legend
 * @property {(value: number | null) => string} format a value with its unit
 * @property {string} unit
 * @property {Palette} palette
 *
 * @typedef {object} ChartData
 * @property {number[]} time
 * @property {Column[]} columns one for each line, not stacked
 * @property {[number, number]} range epoch seconds
 * @property {number} [now] epoch seconds, if the range goes on beyond it
 * @property {readonly BandPoint[]} [band] of the forecast
 * @property {string} [forecast] describes it in a few words
 * @property {readonly Span[]} spans
 * @property {readonly ConsumerMark[]} marks
 * @property {readonly Threshold[]} thresholds
 * @property {string} summary describes the chart in a sentence
 */

const SYNC_KEY = 'spillway'

/** Steps of the vertical axes, which are whole numbers of events. */
const WHOLE_STEPS = Array.from({ length: 9 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat()

/** A chart of uPlot with a legend, which shows the values under the cursor, and a table for screen readers. */
export class Chart {
  #options
  /** @type {ChartData} */
  #data = { time: [], columns: [], range: [0, 1], spans: [], marks: [], thresholds: [], summary: '' }
  #canvas
  /** @type {HTMLElement[]} */
  #values = []
  /** @type {HTMLElement[]} */
  #entries = []
  #when = element('span', { class: 'legend-time' })
  /** @type {uPlot} */
  #plot
  #table
  #forecast
  /** @type {number | null} */
  #cursorIndex = null
  #resizing

  /** @param {ChartOptions} options */
  constructor (options) {
    this.#options = options
    const { host, lines } = options
    this.#canvas = /** @type {HTMLElement} */ (host.querySelector('.chart'))
    const legend = /** @type {HTMLElement} */ (host.querySelector('.legend'))
    for (const { name, colour, texture = 'solid', dash } of lines) {
      const value = element('span', { class: 'legend-value' })
      this.#values.push(value)
      const swatch = element('span', {
        class: `swatch ${options.isStacked ? 'area' : dash === undefined ? 'line' : 'line dashed'} ${texture}`,
        'aria-hidden': 'true'
      })
      swatch.style.setProperty('--swatch', `var(--${colour})`)
      this.#entries.push(element('li', {}, swatch, element('span', { class: 'legend-name' }, name), value))
    }
    legend.append(...this.#entries)
    if (options.withForecast) this.#forecast = new ForecastLegend(legend)
    legend.append(element('li', {}, this.#when))
    this.#table = new ChartTable(host, lines.map(({ name }) => name), options.format)
    this.#plot = new uPlot(this.#settings(), [[]], this.#canvas)
    this.#resizing = new ResizeObserver(() => this.#resize())
    this.#resizing.observe(this.#canvas)
  }

  /** @param {ChartData} data */
  update (data) {
    this.#data = data
    const columns = this.#options.isStacked ? stack(data.columns).toReversed() : data.columns
    this.#plot.batch(() => {
      this.#plot.setData([data.time, ...columns], false)
      this.#plot.setScale('x', { min: data.range[0], max: data.range[1] })
    })
    if (this.#canvas.getAttribute('aria-label') !== data.summary) this.#canvas.setAttribute('aria-label', data.summary)
    for (const [place, { isOptional }] of this.#options.lines.entries()) {
      const entry = this.#entries[place]
      if (isOptional && entry !== undefined) entry.hidden = !data.columns[place]?.some((value) => (value ?? 0) > 0)
    }
    this.#forecast?.update(data)
    this.#showValues()
    this.#table.update(data)
  }

  /** Redraws in the current colours. */
  redraw () {
    this.#plot.redraw(true, true)
  }

  #resize () {
    const { clientWidth, clientHeight } = this.#canvas
    if (clientWidth > 0 && clientHeight > 0) this.#plot.setSize({ width: clientWidth, height: clientHeight })
  }

  #showValues () {
    const { time, columns } = this.#data
    const index = this.#cursorIndex ?? time.length - 1
    for (const [place, node] of this.#values.entries())
      setText(node, time.length === 0 ? '' : this.#options.format(columns[place]?.[index] ?? null))
    const second = time[index]
    setText(
      this.#when,
      this.#cursorIndex === null || second === undefined
        ? ''
        : `at ${formatClock(second * 1_000, { withSeconds: true })}`
    )
  }

  /** @returns {uPlot.Options} */
  #settings () {
    const { palette } = this.#options
    const axis = {
      stroke: () => palette.colour('ink-soft'),
      font: palette.font(palette.length(0.74)),
      grid: { stroke: () => palette.colour('grid'), width: 1 },
      ticks: { show: false }
    }
    return {
      width: Math.max(1, this.#canvas.clientWidth),
      height: Math.max(1, this.#canvas.clientHeight),
      padding: [palette.length(1.05), palette.length(1.1), 0, 0],
      legend: { show: false },
      cursor: {
        sync: { key: SYNC_KEY, setSeries: false },
        y: false,
        drag: { setScale: false, x: false, y: false },
        points: { show: !this.#options.isStacked }
      },
      scales: { x: { time: true, auto: false }, y: { range: (_plot, _low, high) => this.#yRange(high) } },
      axes: [
        {
          ...axis,
          space: (_plot, _axis, low, high, width) => this.#xSpace((high - low) / width),
          size: palette.length(1.35),
          gap: 5,
          values: (_plot, splits, _axis, _space, step) =>
            splits.map((second) => formatClock(second * 1_000, { withSeconds: step < 60 }))
        },
        {
          ...axis,
          space: 30,
          incrs: WHOLE_STEPS,
          size: palette.length(2.7),
          gap: 5,
          values: (_plot, splits) => splits.map((value) => formatShortCount(value))
        }
      ],
      series: [{}, ...this.#seriesSettings()],
      hooks: {
        drawClear: [(plot) => drawTints(plot, this.#data.spans, palette)],
        draw: [(plot) => {
          const { now, band = [] } = this.#data
          if (now !== undefined) drawAhead(plot, now, band, palette)
          drawTransitions(plot, this.#data.spans, palette, this.#options.withWords ?? false)
          drawConsumerMarks(plot, this.#data.marks, palette, this.#options.withWords ?? false)
          drawThresholds(plot, this.#data.thresholds, palette)
        }],
        setCursor: [(plot) => {
          const index = plot.cursor.idx ?? null
          const isInside = (plot.cursor.left ?? -1) >= 0
          this.#cursorIndex = isInside ? index : null
          this.#showValues()
        }]
      }
    }
  }

  /**
   * Returns the range from zero to above all values and thresholds: a chart of depth shows how far away these are. A
   * forecast may leave it, since the depth without refusals would flatten all else.
   *
   * @param {number | null} high
   * @returns {[number, number]}
   */
  #yRange (high) {
    const most = Math.max(high ?? 0, ...this.#data.thresholds.map(({ value }) => value))
    return [0, Math.max(1, most * 1.12)]
  }

  /**
   * Returns the least distance of two times on the axis, greater if they show seconds.
   *
   * @param {number} secondsPerPixel
   */
  #xSpace (secondsPerPixel) {
    const space = this.#options.palette.length(3.6)
    return secondsPerPixel * space > 30 ? space : 1.5 * space
  }

  /** @returns {uPlot.Series[]} */
  #seriesSettings () {
    const { lines, isStacked, palette } = this.#options
    // The top of a stack is drawn first, so that each lower area covers it.
    return (isStacked ? lines.toReversed() : lines).map(({ colour, texture = 'solid', dash, isStepped }) => ({
      spanGaps: false,
      points: { show: false },
      width: isStacked ? 0.75 : 1.75,
      dash,
      paths: isStepped ? uPlot.paths.stepped?.({ align: 1 }) : undefined,
      stroke: () => palette.colour(isStacked ? 'panel' : colour),
      fill: isStacked
        ? (
          plot
        ) => /** @type {string} */ (textured(
          texture,
          palette.colour(colour),
          palette.colour('panel'),
          plot.ctx,
          devicePixelRatio
        ))
        : undefined
    }))
  }
}
