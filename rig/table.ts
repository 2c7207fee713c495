/** Formats a figure, or a mark for a missing one. */
const NUMERIC = /^(?:-?[\d.,]+|-)$/

/** Formats rows as text with a heading; columns of numbers are aligned to the right. */
export function table (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const texts = rows.map((row) => head.map((_, column) => {
    const cell = row[column] ?? ''
    return typeof cell === 'number' ? cell.toLocaleString('en') : cell
  }))
  const cells = [head, ...texts]
  const columns = head.map((_, column) => {
    const width = Math.max(...cells.map((row) => (row[column] as string).length))
    const isNumeric = texts.length > 0 && texts.every((row) => NUMERIC.test(row[column] as string))
    return { width, align: (cell: string) => isNumeric ? cell.padStart(width) : cell.padEnd(width) }
  })
  const lines = cells.map((row) =>
    columns.map(({ align }, column) => align(row[column] as string)).join('  ').trimEnd()
  )
  return [lines[0], columns.map(({ width }) => '-'.repeat(width)).join('  '), ...lines.slice(1)].join('\n')
}
