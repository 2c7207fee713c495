/** @import { Span } from '../figures/circuit-spans.js' */
/** @import { Palette } from './palette.js' */
import { formatClock } from '../figures/format.js'

const TINTS = { CLOSED: undefined, HALF_OPEN: 'tint-half-open', OPEN: 'tint-open', UNKNOWN: 'tint-unknown' }
const LINES = { CLOSED: 'state-closed', HALF_OPEN: 'state-half-open', OPEN: 'state-open', UNKNOWN: 'ink-faint' }
const NAMES = { CLOSED: 'CLOSED', HALF_OPEN: 'HALF_OPEN', OPEN: 'OPEN', UNKNOWN: 'unknown' }

/**
 * Shades the background where the circuit was open or half open, and where nothing was known.
 *
 * @param {uPlot} plot
 * @param {readonly Span[]} spans
 * @param {Palette} palette
 */
export function drawTints (plot, spans, palette) {
  const { ctx, bbox } = plot
  ctx.save()
  clip(plot)
  for (const { from, to, state } of spans) {
    const tint = TINTS[state]
    if (tint === undefined) continue
    const left = plot.valToPos(from, 'x', true)
    ctx.fillStyle = palette.colour(tint)
    ctx.fillRect(left, bbox.top, plot.valToPos(to, 'x', true) - left, bbox.height)
  }
  ctx.restore()
}

/**
 * Draws a line for each change of the circuit, with a shape on top that shows the new state, and, if there is room, the
 * name of the state and the time.
 *
 * @param {uPlot} plot
 * @param {readonly Span[]} spans
 * @param {Palette} palette
 * @param {boolean} withWords
 */
export function drawTransitions (plot, spans, palette, withWords) {
  const { ctx, bbox } = plot
  const ratio = devicePixelRatio
  ctx.save()
  ctx.font = palette.font(palette.length(0.72) * ratio)
  ctx.textAlign = 'left'
  ctx.textBaseline = 'middle'
  const right = bbox.left + bbox.width
  // The first span is the initial state, not a change.
  const marks = spans.slice(1).map(({ from, state }) => ({
    from,
    state,
    x: Math.round(plot.valToPos(from, 'x', true))
  })).filter(({ x }) => x >= bbox.left && x <= right)
  for (const [index, { from, state, x }] of marks.entries()) {
    ctx.strokeStyle = ctx.fillStyle = palette.colour(LINES[state])
    ctx.lineWidth = ratio
    ctx.setLineDash(state === 'HALF_OPEN' ? [4 * ratio, 3 * ratio] : [])
    ctx.beginPath()
    ctx.moveTo(x + 0.5, bbox.top)
    ctx.lineTo(x + 0.5, bbox.top + bbox.height)
    ctx.stroke()
    ctx.setLineDash([])
    const y = bbox.top - 7 * ratio
    drawShape(ctx, state, x, y, 3.6 * ratio, palette.colour('panel'))
    if (!withWords) continue
    const text = `${NAMES[state]} ${formatClock(from * 1_000, { withSeconds: true })}`
    const start = x + 7 * ratio
    const room = (marks[index + 1]?.x ?? right + 16 * ratio) - 8 * ratio - start
    if (ctx.measureText(text).width > room) continue
    ctx.fillStyle = palette.colour('ink-soft')
    ctx.fillText(text, start, y)
  }
  ctx.restore()
}

/**
 * A square for OPEN, a diamond for HALF_OPEN, a ring for CLOSED, a cross where nothing was known.
 *
 * @param {CanvasRenderingContext2D} ctx
 * @param {Span['state']} state
 * @param {number} x
 * @param {number} y
 * @param {number} radius
 * @param {string} background
 */
function drawShape (ctx, state, x, y, radius, background) {
  ctx.beginPath()
  if (state === 'UNKNOWN') {
    ctx.lineWidth *= 1.8
    ctx.moveTo(x - radius, y - radius)
    ctx.lineTo(x + radius, y + radius)
    ctx.moveTo(x + radius, y - radius)
    ctx.lineTo(x - radius, y + radius)
    ctx.stroke()
    return
  }
  if (state === 'OPEN') ctx.rect(x - radius, y - radius, 2 * radius, 2 * radius)
  else if (state === 'HALF_OPEN') {
    ctx.moveTo(x, y - radius * 1.3)
    ctx.lineTo(x + radius * 1.3, y)
    ctx.lineTo(x, y + radius * 1.3)
    ctx.lineTo(x - radius * 1.3, y)
    ctx.closePath()
  } else ctx.arc(x, y, radius, 0, 2 * Math.PI)
  if (state === 'CLOSED') {
    const line = ctx.fillStyle
    ctx.fillStyle = background
    ctx.fill()
    ctx.fillStyle = line
    ctx.lineWidth *= 1.6
    ctx.stroke()
    ctx.lineWidth /= 1.6
  } else ctx.fill()
}

/** @param {uPlot} plot */
function clip ({ ctx, bbox }) {
  ctx.beginPath()
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height)
  ctx.clip()
}
