const SIGNIFICANT_DIGITS = 3
const MOST_DECIMALS = 2
const WHOLE_FROM = 100

/** Significant digits of a single figure, more than a tick or a measurement has. */
const TOLD_DIGITS = 6
const SMALLEST_WRITTEN_OUT = 0.0001
const SMALLEST_ABBREVIATED = 10_000_000

/** The text for a missing figure. */
const NO_FIGURE = '-'

/** Formats figures of one unit alike: with decimals for three significant digits of the smallest, two at most. */
export function alike (figures: readonly (number | undefined)[]): string[] {
  const decimals = decimalsFor(figures.filter(isFigure))
  return figures.map((figure) => isFigure(figure) ? fixed(figure, decimals) : NO_FIGURE)
}

/** Formats a figure with this many decimals and separated thousands. */
export function fixed (figure: number, decimals: number): string {
  const text = figure.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  // A figure that rounds to zero has no sign.
  return /[1-9]/.test(text) ? text : text.replace('-', '')
}

/** Formats a ratio, a difference or a value: two decimals, none from a hundred on. */
export function told (figure: number): string {
  if (!isFigure(figure)) return NO_FIGURE
  return fixed(figure, Math.abs(figure) < WHOLE_FROM ? MOST_DECIMALS : 0)
}

/** Formats a single figure as briefly as possible: `12,000`, `0.25`, `20M`. */
export function brief (figure: number): string {
  const size = Math.abs(figure)
  if (size !== 0 && size < SMALLEST_WRITTEN_OUT) return String(figure)
  if (size >= SMALLEST_ABBREVIATED)
    return figure.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: SIGNIFICANT_DIGITS })
  return figure.toLocaleString('en', { maximumSignificantDigits: TOLD_DIGITS })
}

/** Whether a figure is a finite number; JSON turns others into null. */
export function isFigure (figure: number | null | undefined): figure is number {
  return Number.isFinite(figure)
}

function decimalsFor (figures: readonly number[]): number {
  if (figures.every(Number.isInteger)) return 0
  const smallest = Math.min(...figures.filter((figure) => figure !== 0).map(Math.abs))
  const needed = SIGNIFICANT_DIGITS - 1 - Math.floor(Math.log10(smallest))
  return Math.min(MOST_DECIMALS, Math.max(0, needed))
}
