/*
 * A line chart as SVG text: no script, no font, no browser needed to make it.
 *
 *   title
 *   y label
 *   ticks | grid, a line per series            -- name of the series, where it ends
 *         +-------------------------
 *           ticks
 *           x label
 *
 * Series differ by colour and by the shape of their points, and have their names at their ends instead of in a legend.
 */
import { brief } from './number.ts'
import { xAxis, yAxis } from './plot/axis.ts'
import { Frame, text } from './plot/frame.ts'
import { linearScale, logScale } from './plot/scale.ts'
import { drawable, drawn, NAME_GAP, type Series } from './plot/series.ts'
import { spreadApart } from './plot/spread-apart.ts'
import { PLOT_STYLE } from './plot/style.ts'
import { escapeXml } from './plot/xml.ts'

/** A chart; its labels name their units. */
export interface Plot {
  readonly title: string
  readonly xLabel: string
  readonly yLabel: string
  readonly xScale?: 'linear' | 'log'
  readonly series: readonly Series[]
}

/** Pixels. */
const WIDTH = 720
const HEIGHT = 400
const MARGIN = 24
const TOP = 84
const BOTTOM = HEIGHT - 62
const LINE_HEIGHT = 18

/** The rough width of a character in pixels, since no font metrics are available. */
const NAME_CHARACTER = 8
const TICK_CHARACTER = 7.5

const MOST_TITLE_CHARACTERS = 64
const MOST_LABEL_CHARACTERS = 88
const MOST_NAME_CHARACTERS = 24

/** Renders a plot as the text of an SVG file, without points that have no finite coordinates. */
export function plotSvg (plot: Plot): string {
  const series = plot.series.map(drawable).filter(({ points }) => points.length > 0)
    .map((one) => ({ ...one, name: shortened(one.name, MOST_NAME_CHARACTERS) }))
  const frame = frameOf(plot, series)
  const names = spreadApart(
    series.map(({ points }) => frame.yOf(points.at(-1)?.y ?? 0)),
    LINE_HEIGHT,
    TOP,
    BOTTOM - LINE_HEIGHT / 2
  )
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" class="plot" role="img" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
    `<title>${escapeXml(plot.title)}</title>`,
    `<desc>${escapeXml(inWords(plot, series))}</desc>`,
    `<style>${PLOT_STYLE}</style>`,
    `<rect class="paper" width="${WIDTH}" height="${HEIGHT}" rx="8"/>`,
    text(MARGIN, 38, shortened(plot.title, MOST_TITLE_CHARACTERS), 'title'),
    text(MARGIN, 62, shortened(plot.yLabel, MOST_LABEL_CHARACTERS), 'quiet'),
    ...yAxis(frame),
    ...xAxis(frame),
    text(frame.across(0.5), HEIGHT - 16, shortened(plot.xLabel, MOST_LABEL_CHARACTERS), 'quiet', 'middle'),
    ...series.map((one, index) => drawn(frame, one, one.look ?? index, names[index] as number)),
    '</svg>\n'
  ].join('\n')
}

/** Returns the frame in the room that the ticks on its left and the names on its right leave. */
function frameOf ({ xScale }: Plot, series: readonly Series[]): Frame {
  const points = series.flatMap((one) => one.points)
  const x = (xScale === 'log' ? logScale : linearScale)(points.map((point) => point.x))
  const y = linearScale(points.flatMap((point) => [point.y, point.least ?? point.y, point.most ?? point.y]))
  const tickWidth = Math.max(...y.ticks.map((tick) => brief(tick).length)) * TICK_CHARACTER
  const nameWidth = Math.max(0, ...series.map(({ name }) => NAME_GAP + name.length * NAME_CHARACTER))
  return new Frame({ left: MARGIN + tickWidth + 10, right: WIDTH - MARGIN - nameWidth, top: TOP, bottom: BOTTOM }, x, y)
}

/** Describes the figures in words, for screen readers. */
function inWords ({ xLabel, yLabel }: Plot, series: readonly Series[]): string {
  const lines = series.map(({ name, points }) =>
    `${name}: ${points.map(({ x, y }) => `${brief(Number(y.toPrecision(3)))} at ${brief(x)}`).join(', ')}.`
  )
  return [`${yLabel}, by ${xLabel}.`, ...lines].join(' ')
}

function shortened (words: string, most: number): string {
  return words.length <= most ? words : `${words.slice(0, most - 1).trimEnd()}…`
}
