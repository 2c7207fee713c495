import { brief } from '../number.ts'
import { path, text, type Frame } from './frame.ts'

const TICK_LENGTH = 5
const GAP = 10

/** Half the height of a digit: a text at a line has its baseline this far below the line. */
const HALF_DIGIT = 4.5

/** Draws the y axis: a line across the frame per tick, so that values can be read anywhere. */
export function yAxis (frame: Frame): string[] {
  return frame.y.ticks.flatMap((tick) => [
    path(tick === 0 ? 'axis' : 'grid', 'M', frame.left, frame.yOf(tick), 'H', frame.right),
    text(frame.left - GAP, frame.yOf(tick) + HALF_DIGIT, brief(tick), 'quiet', 'end')
  ])
}

/** Draws the x axis: marks below the frame, and two strokes at the gap between zero and a logarithmic axis. */
export function xAxis (frame: Frame): string[] {
  const { bottom, x: { ticks, breakAt } } = frame
  const marks = ticks.flatMap((tick) => [
    path('axis', 'M', frame.xOf(tick), bottom, 'v', TICK_LENGTH),
    text(frame.xOf(tick), bottom + TICK_LENGTH + 16, brief(tick), 'quiet', 'middle')
  ])
  if (breakAt === undefined) return marks
  const at = frame.across(breakAt)
  return [
    ...marks,
    path('paper', 'M', at - 4, bottom - 3, 'h 6 v 6 h -6 z'),
    path('axis', 'M', at - 6, bottom + 5, 'l 4 -10 m 2 10 l 4 -10')
  ]
}
