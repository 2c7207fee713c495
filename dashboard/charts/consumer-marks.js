/** @import { ConsumerMark } from '../figures/consumer-marks.js' */
/** @import { Palette } from './palette.js' */
import { describeMark } from '../figures/consumer-marks.js'

/**
 * Marks where the consumer went away or came back: a dotted line, a triangle that points down for away and up for
 * back, and, if there is room, a label.
 *
 * @param {uPlot} plot
 * @param {readonly ConsumerMark[]} marks
 * @param {Palette} palette
 * @param {boolean} withWords
 */
export function drawConsumerMarks (plot, marks, palette, withWords) {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  const right = bbox.left + bbox.width
  ctx.save()
  ctx.font = palette.font(palette.length(0.72) * ratio)
  ctx.textAlign = 'left'
  ctx.textBaseline = 'middle'
  const places = marks.map((mark) => ({ mark, x: Math.round(plot.valToPos(mark.at, 'x', true)) }))
    .filter(({ x }) => x >= bbox.left && x <= right)
  for (const [index, { mark, x }] of places.entries()) {
    ctx.strokeStyle = ctx.fillStyle = palette.colour(mark.isAway ? 'state-open' : 'state-closed')
    ctx.lineWidth = ratio
    ctx.setLineDash([ratio, 3 * ratio])
    ctx.beginPath()
    ctx.moveTo(x + 0.5, bbox.top)
    ctx.lineTo(x + 0.5, bbox.top + bbox.height)
    ctx.stroke()
    ctx.setLineDash([])
    // Below the marks of the circuit, which stand above the plot.
    const y = bbox.top + 8 * ratio
    const tip = (mark.isAway ? 4 : -4) * ratio
    ctx.beginPath()
    ctx.moveTo(x - 4 * ratio, y - tip)
    ctx.lineTo(x + 4 * ratio, y - tip)
    ctx.lineTo(x, y + tip)
    ctx.closePath()
    ctx.fill()
    if (!withWords) continue
    const text = describeMark(mark)
    const start = x + 7 * ratio
    const room = (places[index + 1]?.x ?? right) - 8 * ratio - start
    if (ctx.measureText(text).width > room) continue
    ctx.fillStyle = palette.colour('ink-soft')
    ctx.fillText(text, start, y)
  }
  ctx.restore()
}
