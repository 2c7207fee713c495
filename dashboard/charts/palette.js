/** Reads the colours of the charts from the style sheet, again after each change of the scheme. */
export class Palette {
  /** @type {Map<string, string>} */
  #colours = new Map()
  /** Resolves custom properties, whose values are plain text until a real property uses them. */
  #probe = document.body.appendChild(document.createElement('span'))

  /**
   * @param {string} name of a custom property, without its dashes
   * @returns {string}
   */
  colour (name) {
    let colour = this.#colours.get(name)
    if (colour === undefined) {
      this.#probe.style.color = `var(--${name})`
      colour = getComputedStyle(this.#probe).color
      this.#colours.set(name, colour)
    }
    return colour
  }

  /** Call this after a change of the scheme. */
  forget () {
    this.#colours.clear()
  }

  /**
   * Returns the font of the page for a canvas, in whole pixels, since uPlot parses no fractions.
   *
   * @param {number} pixels
   */
  font (pixels) {
    return `${Math.round(pixels)}px ${getComputedStyle(document.body).fontFamily}`
  }

  /**
   * Returns a length in CSS pixels that grows with the text size of the page.
   *
   * @param {number} rem
   */
  length (rem) {
    return rem * parseFloat(getComputedStyle(document.documentElement).fontSize)
  }
}

const TILE = 8

/**
 * Returns a fill that is distinguishable without its colour.
 *
 * @param {'solid' | 'rising' | 'falling' | 'dots' | 'level'} texture
 * @param {string} colour
 * @param {string} background
 * @param {CanvasRenderingContext2D} context
 * @param {number} ratio device pixels per CSS pixel
 * @returns {string | CanvasPattern}
 */
export function textured (texture, colour, background, context, ratio) {
  if (texture === 'solid') return colour
  const size = Math.round(TILE * ratio)
  const tile = document.createElement('canvas')
  tile.width = tile.height = size
  const pen = tile.getContext('2d')
  if (pen === null) return colour
  pen.fillStyle = colour
  pen.fillRect(0, 0, size, size)
  pen.strokeStyle = pen.fillStyle = background
  pen.lineWidth = 1.6 * ratio
  if (texture === 'dots') {
    pen.beginPath()
    pen.arc(size / 2, size / 2, 1.5 * ratio, 0, 2 * Math.PI)
    pen.fill()
  } else {
    pen.beginPath()
    // Lines extend beyond the tile on both sides, so that tiles join.
    for (const shift of [-size, 0, size]) {
      if (texture === 'rising') line(pen, shift, size, shift + size, 0)
      else if (texture === 'falling') line(pen, shift, 0, shift + size, size)
      else line(pen, shift, size / 2, shift + size, size / 2)
    }
    pen.stroke()
  }
  return context.createPattern(tile, 'repeat') ?? colour
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {number} fromX
 * @param {number} fromY
 * @param {number} toX
 * @param {number} toY
 */
function line (pen, fromX, fromY, toX, toY) {
  pen.moveTo(fromX, fromY)
  pen.lineTo(toX, toY)
}
