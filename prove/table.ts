/** A number, or that there is none. */
const NUMERIC = /^(?:[\d.]+|-)$/

/** Lays rows out as text with a heading; a column of numbers is aligned to the right. */
export function table (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const isNumeric = head.map((_, column) => rows.length > 0 && rows.every((row) => NUMERIC.test(String(row[column]))))
  const cells = [head, ...rows].map((row) => row.map((cell) => typeof cell === 'number' ? cell.toLocaleString('en') : cell))
  const widths = head.map((_, column) => Math.max(...cells.map((row) => (row[column] as string).length)))
  const lines = cells.map((row) => row.map((cell, column) => isNumeric[column] ? cell.padStart(widths[column] as number) : cell.padEnd(widths[column] as number)).join('  ').trimEnd())
  return [lines[0], widths.map((width) => '-'.repeat(width)).join('  '), ...lines.slice(1)].join('\n')
}
