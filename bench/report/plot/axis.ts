import { brief } from '../number.ts'
import { path, text, type Frame } from './frame.ts'

const TICK_LENGTH = 5
const GAP = 10

/** Half the height of a digit: what is to stand beside a line has its baseline this far below it. */
const HALF_DIGIT = 4.5

/** The y axis: a line across the frame per tick, so that values can be read anywhere. */
export function yAxis (frame: Frame): string[] {
  return frame.y.ticks.flatMap((tick) => [
    path(tick === 0 ? 'axis' : 'grid', 'M', frame.left, frame.yOf(tick), 'H', frame.right),
    text(frame.left - GAP, frame.yOf(tick) + HALF_DIGIT, brief(tick), 'quiet', 'end')
  ])
}

/** The x axis: marks below the frame, and two strokes where a logarithmic axis is interrupted to give zero a place. */
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
