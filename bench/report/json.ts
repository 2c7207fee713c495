import type { BenchResult } from '../result.ts'

const SIGNIFICANT_DIGITS = 6

/** Formats a result as the text of a file; six significant digits exceed the precision of all figures. */
export function resultJson (result: BenchResult): string {
  return `${JSON.stringify(result, (_, value) => typeof value === 'number' ? rounded(value) : value, 2)}\n`
}

function rounded (figure: number): number {
  return Number.isInteger(figure) ? figure : Number(figure.toPrecision(SIGNIFICANT_DIGITS))
}
