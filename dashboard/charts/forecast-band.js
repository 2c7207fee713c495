/** @import { BandPoint } from '../figures/forecast.js' */
/** @import { Palette } from './palette.js' */

/**
 * Draws a line where the time ahead begins, and the band of the forecast: filled as far as it is proven, otherwise only
 * its edges, with the expected depth as a dashed line.
 *
 * @param {uPlot} plot
 * @param {number} now epoch seconds
 * @param {readonly BandPoint[]} band
 * @param {Palette} palette
 */
export function drawAhead (plot, now, band, palette) {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  const x = (/** @type {number} */ at) => Math.round(plot.valToPos(at, 'x', true))
  const y = (/** @type {number} */ depth) => plot.valToPos(depth, 'y', true)
  ctx.save()
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
  ctx.lineWidth = ratio
  ctx.strokeStyle = palette.colour('ink-faint')
  ctx.setLineDash([ratio, 2 * ratio])
  strokeLine(ctx, [[x(now) + 0.5, bbox.top], [x(now) + 0.5, bbox.top + bbox.height]])
  for (const [index, to] of band.entries()) {
    const from = band[index - 1]
    if (from === undefined) continue
    if (from.low !== null && from.high !== null && to.low !== null && to.high !== null) {
      const low = /** @type {const} */ ([[x(from.at), y(from.low)], [x(to.at), y(to.low)]])
      const high = /** @type {const} */ ([[x(from.at), y(from.high)], [x(to.at), y(to.high)]])
      if (to.isTrusted) fillArea(ctx, [...low, ...high.toReversed()], palette.colour('forecast-band'))
      ctx.strokeStyle = palette.colour('forecast')
      ctx.lineWidth = ratio
      ctx.setLineDash(to.isTrusted ? [] : [ratio, 3 * ratio])
      strokeLine(ctx, low)
      strokeLine(ctx, high)
    }
    ctx.strokeStyle = palette.colour('forecast')
    ctx.lineWidth = 1.75 * ratio
    ctx.setLineDash([5 * ratio, 3 * ratio])
    strokeLine(ctx, [[x(from.at), y(from.depth)], [x(to.at), y(to.depth)]])
  }
  ctx.restore()
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {readonly (readonly [x: number, y: number])[]} points
 */
function strokeLine (ctx, points) {
  ctx.beginPath()
  for (const [x, y] of points) ctx.lineTo(x, y)
  ctx.stroke()
}

/**
 * @param {CanvasRenderingContext2D} ctx
 * @param {readonly (readonly [x: number, y: number])[]} corners
 * @param {string} colour
 */
function fillArea (ctx, corners, colour) {
  ctx.beginPath()
  for (const [x, y] of corners) ctx.lineTo(x, y)
  ctx.closePath()
  ctx.fillStyle = colour
  ctx.fill()
}
