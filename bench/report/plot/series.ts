import { path, text, type Frame } from './frame.ts'
import { COLOURS } from './style.ts'

/** One measured value; a whisker spans `least` and `most` of its rounds. */
export interface Point {
  readonly x: number
  readonly y: number
  readonly least?: number | undefined
  readonly most?: number | undefined
}

/** The points of one name. */
export interface Series {
  readonly name: string
  /** Number of its colour and marker, its place by default; set for series that look the same in several plots. */
  readonly look?: number
  readonly points: readonly Point[]
}

/** Distance between the end of the frame and a name. */
export const NAME_GAP = 16

const HALF_CAP = 4

/** A name that was moved this far from the end of its line gets a connecting stroke. */
const FAR = 4

/** Shapes of points, so that series differ without colour: a step to the first corner, then around. */
const MARKERS = [
  'm -4.5 0 a 4.5 4.5 0 1 0 9 0 a 4.5 4.5 0 1 0 -9 0 z',
  'm -4 -4 h 8 v 8 h -8 z',
  'm 0 -5.5 l 5.5 9.5 h -11 z',
  'm 0 -5.5 l 5.5 5.5 l -5.5 5.5 l -5.5 -5.5 z'
]

/** Returns the drawable points from left to right, with whiskers if both ends are known. */
export function drawable (series: Series): Series {
  const { points } = series
  const finite = points.filter(({ x, y }) => Number.isFinite(x) && Number.isFinite(y))
  const whole = finite.map(({ x, y, least, most }) =>
    Number.isFinite(least) && Number.isFinite(most) ? { x, y, least, most } : { x, y }
  )
  return { ...series, points: whole.toSorted((a, b) => a.x - b.x) }
}

/**
 * Draws a series: whiskers below its line, its points over it, and its name beside the frame at `nameY` pixels from the
 * top.
 */
export function drawn (frame: Frame, { name, points }: Series, look: number, nameY: number): string {
  const places = points.map(({ x, y }) => [frame.xOf(x), frame.yOf(y)] as const)
  const marker = MARKERS[look % MARKERS.length] as string
  const [endX, endY] = places.at(-1) as readonly [number, number]
  const isFar = Math.abs(nameY - endY) > FAR || frame.right - endX > FAR
  return [
    `<g class="series-${look % COLOURS}">`,
    ...points.flatMap((point) => whisker(frame, point)),
    path('line', 'M', ...places.flat()),
    ...(isFar ? [path('leader', 'M', endX, endY, 'L', frame.right + NAME_GAP - 4, nameY)] : []),
    ...places.map(([x, y]) => path('marker', 'M', x, y, marker)),
    text(frame.right + NAME_GAP, nameY + 4.5, name, 'name'),
    '</g>'
  ].join('\n')
}

function whisker (frame: Frame, { x, least, most }: Point): string[] {
  if (least === undefined || most === undefined) return []
  const cap = ['m', -HALF_CAP, 0, 'h', 2 * HALF_CAP]
  return [
    path(
      'whisker',
      'M',
      frame.xOf(x),
      frame.yOf(least),
      ...cap,
      'M',
      frame.xOf(x),
      frame.yOf(least),
      'V',
      frame.yOf(most),
      ...cap
    )
  ]
}
