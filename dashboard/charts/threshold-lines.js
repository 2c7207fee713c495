/** @import { Palette } from './palette.js' */
import { formatCount } from '../figures/format.js'

/** @typedef {{ name: string, value: number, colour: string, dash: number[] }} Threshold */

/**
 * Draws a dashed line with name and figure for each threshold; names that would overlap stand side by side.
 *
 * @param {uPlot} plot
 * @param {readonly Threshold[]} thresholds
 * @param {Palette} palette
 */
export function drawThresholds (plot, thresholds, palette) {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  const lineHeight = palette.length(0.95) * ratio
  /** @type {{ y: number, right: number }[]} */
  const placed = []
  ctx.save()
  ctx.font = palette.font(palette.length(0.72) * ratio)
  ctx.textAlign = 'left'
  ctx.textBaseline = 'middle'
  for (const { name, value, colour, dash } of thresholds) {
    const y = Math.round(plot.valToPos(value, 'y', true)) + 0.5
    if (y < bbox.top || y > bbox.top + bbox.height) continue
    ctx.strokeStyle = palette.colour(colour)
    ctx.lineWidth = 1.25 * ratio
    ctx.setLineDash(dash.map((length) => length * ratio))
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    const text = `${name} ${formatCount(value)}`
    const overlapping = placed.filter((other) => Math.abs(other.y - y) < lineHeight)
    // At the old end of the time axis, where they hide less.
    const left = Math.max(bbox.left + 10 * ratio, ...overlapping.map(({ right }) => right + 14 * ratio))
    const right = left + ctx.measureText(text).width
    placed.push({ y, right })
    ctx.setLineDash([])
    ctx.fillStyle = palette.colour('panel')
    ctx.beginPath()
    ctx.roundRect(left - 4 * ratio, y - lineHeight / 2, right - left + 8 * ratio, lineHeight, 3 * ratio)
    ctx.fill()
    ctx.fillStyle = palette.colour(`${colour}-ink`)
    ctx.fillText(text, left, y)
  }
  ctx.restore()
}
