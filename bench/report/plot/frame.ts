import type { Scale } from './scale.ts'
import { escapeXml } from './xml.ts'

/** The rectangle of the plot in pixels of the picture, and the scales of its sides. */
export class Frame {
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  readonly x: Scale
  readonly y: Scale

  constructor (sides: { left: number, right: number, top: number, bottom: number }, x: Scale, y: Scale) {
    this.left = sides.left
    this.right = sides.right
    this.top = sides.top
    this.bottom = sides.bottom
    this.x = x
    this.y = y
  }

  /** Returns the x coordinate in pixels of this share of the x axis. */
  across (share: number): number { return this.left + share * (this.right - this.left) }

  /** Returns the x coordinate in pixels of a value. */
  xOf (value: number): number { return this.across(this.x.place(value)) }

  /** Returns the y coordinate in pixels of a value. */
  yOf (value: number): number { return this.bottom - this.y.place(value) * (this.bottom - this.top) }
}

/** Renders a path of one kind along these steps; coordinates keep a tenth of a pixel. */
export function path (kind: string, ...steps: readonly (string | number)[]): string {
  return `<path class="${kind}" d="${steps.map((step) => typeof step === 'number' ? pixels(step) : step).join(' ')}"/>`
}

/** Renders one line of text. */
export function text (
  x: number,
  y: number,
  content: string,
  kind: string,
  anchor: 'start' | 'middle' | 'end' = 'start'
): string {
  return `<text class="${kind}" x="${pixels(x)}" y="${pixels(y)}" text-anchor="${anchor}">${escapeXml(content)}</text>`
}

function pixels (length: number): string {
  return String(Number(length.toFixed(1)))
}
