import type { Scale } from './scale.ts'
import { escapeXml } from './xml.ts'

/** The rectangle that values are drawn in, in pixels of the picture, and the scales of its sides. */
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

  /** Pixels from the left at which this share of the x axis lies. */
  across (share: number): number { return this.left + share * (this.right - this.left) }

  /** Pixels from the left at which a value lies. */
  xOf (value: number): number { return this.across(this.x.place(value)) }

  /** Pixels from the top at which a value lies. */
  yOf (value: number): number { return this.bottom - this.y.place(value) * (this.bottom - this.top) }
}

/** A path of one kind, drawn along these steps; coordinates keep a tenth of a pixel. */
export function path (kind: string, ...steps: readonly (string | number)[]): string {
  return `<path class="${kind}" d="${steps.map((step) => typeof step === 'number' ? pixels(step) : step).join(' ')}"/>`
}

/** One line of text. */
export function text (x: number, y: number, content: string, kind: string, anchor: 'start' | 'middle' | 'end' = 'start'): string {
  return `<text class="${kind}" x="${pixels(x)}" y="${pixels(y)}" text-anchor="${anchor}">${escapeXml(content)}</text>`
}

function pixels (length: number): string {
  return String(Number(length.toFixed(1)))
}
