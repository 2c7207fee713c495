const SIGNIFICANT_DIGITS = 3
const MOST_DECIMALS = 2
const WHOLE_FROM = 100

/** Digits that a figure on its own keeps; more than a tick or a measurement has. */
const TOLD_DIGITS = 6
const SMALLEST_WRITTEN_OUT = 0.0001
const SMALLEST_ABBREVIATED = 10_000_000

/** Stands where there is no figure, or none that is a number. */
const NO_FIGURE = '-'

/** Writes figures of one unit alike: with as many decimals as give the smallest three significant digits, but two at most. */
export function alike (figures: readonly (number | undefined)[]): string[] {
  const decimals = decimalsFor(figures.filter(isFigure))
  return figures.map((figure) => isFigure(figure) ? fixed(figure, decimals) : NO_FIGURE)
}

/** Writes a figure with this many decimals and its thousands apart. */
export function fixed (figure: number, decimals: number): string {
  const text = figure.toLocaleString('en', { minimumFractionDigits: decimals, maximumFractionDigits: decimals })
  // A figure that rounds to nothing has no sign.
  return /[1-9]/.test(text) ? text : text.replace('-', '')
}

/** Writes a ratio, a difference or a value: two decimals, none from a hundred on. */
export function told (figure: number): string {
  if (!isFigure(figure)) return NO_FIGURE
  return fixed(figure, Math.abs(figure) < WHOLE_FROM ? MOST_DECIMALS : 0)
}

/** Writes a figure on its own, as short as it can be: `12,000`, `0.25`, `20M`. */
export function brief (figure: number): string {
  const size = Math.abs(figure)
  if (size !== 0 && size < SMALLEST_WRITTEN_OUT) return String(figure)
  if (size >= SMALLEST_ABBREVIATED) return figure.toLocaleString('en', { notation: 'compact', maximumSignificantDigits: SIGNIFICANT_DIGITS })
  return figure.toLocaleString('en', { maximumSignificantDigits: TOLD_DIGITS })
}

/** Tells a figure from one that is missing; what was no finite number comes back from JSON as null. */
export function isFigure (figure: number | null | undefined): figure is number {
  return Number.isFinite(figure)
}

function decimalsFor (figures: readonly number[]): number {
  if (figures.every(Number.isInteger)) return 0
  const smallest = Math.min(...figures.filter((figure) => figure !== 0).map(Math.abs))
  const needed = SIGNIFICANT_DIGITS - 1 - Math.floor(Math.log10(smallest))
  return Math.min(MOST_DECIMALS, Math.max(0, needed))
}
